package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Hands the work of one queue out again. */
@Command(
        name = "resume",
        description = "Lets the work of a paused queue be handed out again. Workers that wait get it at once.")
final class QueueResumeCommand extends QueueAction {

    QueueResumeCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "resume", Map.of());
        return tell(answer, answer.flag("resumed") ? "resumed" : "was not paused");
    }
}
