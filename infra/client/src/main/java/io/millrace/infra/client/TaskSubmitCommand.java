package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Submits a task without a workflow. */
@Command(
        name = "submit",
        description = {
            "Submits a task without a workflow, and prints its id.",
            "With --wait it prints the output instead, and ends as `task result` does."
        })
final class TaskSubmitCommand extends ApiCommand {

    @Parameters(paramLabel = "KIND", description = "Kind of the task, as a worker has registered it.")
    private String kind;

    @Mixin
    private StartOptions options = new StartOptions();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "Idempotency key: while it stands for a task, that one's id is printed, and nothing is submitted.")
    private String key;

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

    @Option(names = "--wait", description = "Waits for the end.")
    private boolean wait;

    @Mixin
    private WaitingOptions waiting = new WaitingOptions();

    TaskSubmitCommand(Surroundings around) {
        super(around);
    }

    @Override
    int run(Api api) throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("kind", kind);
        options.addTo(body, around());
        StartOptions.put(body, "idempotencyKey", key);
        StartOptions.put(body, "maxRetries", maxRetries);
        StartOptions.put(body, "timeoutMs", runTimeout == null ? null : runTimeout.toMillis());
        StartOptions.put(body, "scheduledAt", at);
        JsonObject submitted = api.post(Kind.TASK.path(), body).json();
        String id = submitted.text("id");
        if (submitted.flag("idempotencyKeyUsed") && !submitted.flag("idempotencyKeyNew")) {
            note("the key stands for a task that was submitted before");
        }
        if (wait) {
            return new EndWaiter(api, Kind.TASK, out(), err()).run(UUID.fromString(id), waiting);
        }
        out().println(id);
        return ExitCode.DONE;
    }
}
