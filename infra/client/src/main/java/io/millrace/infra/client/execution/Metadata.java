package io.millrace.infra.client.execution;

import io.millrace.infra.client.json.JsonObject;
import java.util.stream.Collectors;

/** The metadata of an execution, as people see it. */
public final class Metadata {

    private Metadata() {}

    /** @return its entries in the form of the command line */
    public static String entries(JsonObject metadata) {
        return metadata.fields().entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
