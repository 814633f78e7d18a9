package io.millrace.infra.client.task;

import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.execution.StartingCommand;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Submits a task without a workflow. */
@Command(
        name = "submit",
        description = {
            "Submits a task without a workflow, and prints its id.",
            "With --wait it prints the output instead, and ends as `task result` does."
        })
final class TaskSubmitCommand extends StartingCommand {

    @Option(
            names = "--max-retries",
            paramLabel = "N",
            description = "How often it is tried again after a failure. Otherwise 3.")
    private Integer maxRetries;

    @Option(
            names = "--run-timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long it may take from now on, such as 30s. Otherwise as long as it likes.")
    private Duration runTimeout;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "Not before this time, such as 2031-05-01T12:00:00Z. Otherwise at once.")
    private String at;

    TaskSubmitCommand(Invocation around) {
        super(around, Kind.TASK, "submitted");
    }

    @Override
    protected void addTo(Map<String, Object> body) {
        GivenOptions.put(body, "maxRetries", maxRetries);
        GivenOptions.put(body, "timeoutMs", runTimeout == null ? null : runTimeout.toMillis());
        GivenOptions.put(body, "scheduledAt", at);
    }
}
