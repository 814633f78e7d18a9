package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Limits how much of one queue is handed out. */
@Command(
        name = "limit",
        description = {
            "Hands out not more than so much of a queue, workflows and tasks together.",
            "What workers have goes on. The rest waits. It takes the place of all limits that were there before."
        })
final class QueueLimitCommand extends QueueAction {

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            description = "So many pieces of work workers have at once, at the most.")
    private Long inFlight;

    @Option(names = "--rate", paramLabel = "N", description = "So many are handed out in a second, at the most.")
    private Long rate;

    @Option(
            names = "--burst",
            paramLabel = "N",
            description = "With a rate: so many are handed out at once after a lull. Otherwise as many as in a second.")
    private Long burst;

    @Option(
            names = "--fair-by",
            paramLabel = "KEY",
            description = "Work is handed out in turn among the values that its metadata has of this key.")
    private String fairBy;

    QueueLimitCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> limit = new LinkedHashMap<>();
        GivenOptions.put(limit, "inFlight", inFlight);
        GivenOptions.put(limit, "rate", rate);
        GivenOptions.put(limit, "burst", burst);
        GivenOptions.put(limit, "fairBy", fairBy);
        JsonObject answer = send(api, "limit", limit);
        return tell(answer, answer.flag("limited") ? "limited" : "is limited so already");
    }
}
