package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lets one worker get nothing new. */
@Command(
        name = "drain",
        description = {
            "Lets a worker get nothing new; what it has goes on.",
            "list tells how much it still has. After seven days this is forgotten: a worker that is started again has another id."
        })
final class WorkerDrainCommand extends WorkerAction {

    WorkerDrainCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "drain", Map.of());
        return tell(answer, answer.flag("draining") ? "drained" : "is drained already");
    }
}
