package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lets one worker get work again. */
@Command(name = "undrain", description = "Lets a drained worker get work again.")
final class WorkerUndrainCommand extends WorkerAction {

    WorkerUndrainCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "undrain", Map.of());
        return tell(answer, answer.flag("undrained") ? "undrained" : "was not drained");
    }
}
