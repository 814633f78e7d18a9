package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** Something whose result may differ each time. So it is done once, and its result is recorded. */
@FunctionalInterface
public interface Operation {

    /** @return the result, which is recorded */
    JsonNode call() throws Exception;
}
