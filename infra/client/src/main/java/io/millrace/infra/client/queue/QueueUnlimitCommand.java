package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lifts all limits of one queue. */
@Command(name = "unlimit", description = "Lifts all limits of a queue: however much there is of it, it is handed out.")
final class QueueUnlimitCommand extends QueueAction {

    QueueUnlimitCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject answer = send(api, "unlimit", Map.of());
        return tell(answer, answer.flag("unlimited") ? "limited no more" : "is not limited");
    }
}
