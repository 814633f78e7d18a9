package io.millrace.infra.client;

import java.util.Map;
import picocli.CommandLine.Option;

/** Further options for a workflow execution that is to be started. */
final class WorkflowOptions {

    @Option(
            names = "--priority",
            paramLabel = "SECONDS",
            description = "Lets it go before what waits, as if it had come so much earlier.")
    private Integer priority;

    @Option(
            names = "--workflow-version",
            paramLabel = "VERSION",
            description = "Version of the workflow, for its worker.")
    private String version;

    /** Adds the options that were given. */
    void addTo(Map<String, Object> body) {
        StartOptions.put(body, "prioritySeconds", priority);
        StartOptions.put(body, "workflowVersion", version);
    }
}
