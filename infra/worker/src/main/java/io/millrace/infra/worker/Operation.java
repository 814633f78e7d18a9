package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;

/** Something with a result that may be another each time, and is therefore done once and recorded. */
@FunctionalInterface
public interface Operation {

    /** @return what is recorded */
    JsonNode call() throws Exception;
}
