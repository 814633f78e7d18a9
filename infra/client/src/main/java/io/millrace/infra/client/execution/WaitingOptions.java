package io.millrace.infra.client.execution;

import io.millrace.infra.client.command.Durations;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of commands that wait for the end of an execution. */
final class WaitingOptions {

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description =
                    "Waits so long at the most, such as 30s, 5m or 2h; exit code 7 if it is still open then. Otherwise for ever.")
    private Duration timeout;

    @Option(
            names = {"-r", "--raw"},
            description = "Prints an output that is a text without its quotes.")
    private boolean raw;

    /** @return how long to wait; null: for ever */
    Duration timeout() {
        return timeout;
    }

    boolean raw() {
        return raw;
    }
}
