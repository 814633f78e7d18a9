package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Holds the work of one queue back. */
@Command(
        name = "pause",
        description = {
            "Lets no work of a queue be handed out, neither workflows nor tasks.",
            "What workers have goes on. New work is taken in, and waits."
        })
final class QueuePauseCommand extends QueueAction {

    QueuePauseCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "pause", Map.of());
        return tell(answer, answer.flag("paused") ? "paused" : "is paused already");
    }
}
