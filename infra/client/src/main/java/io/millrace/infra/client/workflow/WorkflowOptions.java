package io.millrace.infra.client.workflow;

import io.millrace.infra.client.command.GivenOptions;
import java.util.Map;
import picocli.CommandLine.Option;

/** Further options for a workflow execution that is to be started. */
public final class WorkflowOptions {

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
    public void addTo(Map<String, Object> body) {
        GivenOptions.put(body, "prioritySeconds", priority);
        GivenOptions.put(body, "workflowVersion", version);
    }
}
