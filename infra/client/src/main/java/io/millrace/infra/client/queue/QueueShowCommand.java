package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one queue. */
@Command(name = "show", description = "Shows a queue: what waits in it for a worker, and how it is handed out.")
final class QueueShowCommand extends ApiCommand {

    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    @Mixin
    private OutputOption output = new OutputOption();

    QueueShowCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject found = api.get(QueueAction.path(queue), Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> details(found, around().clock().instant()).print(out(), around().screen());
            case JSON -> out().println(JsonCodec.pretty(found.fields()));
            case YAML -> out().print(YamlText.of(found.fields()));
            case ID -> out().println(found.text("queue"));
        }
        return 0;
    }

    private static Details details(JsonObject found, Instant now) {
        Details details = new Details().line("queue", found.text("queue"));
        for (JsonObject work : found.objects("work")) {
            details.line(work.text("workType").toLowerCase(Locale.ROOT) + "s ready", ready(work));
        }
        return details.line("limit", limit(found))
                .line("limited", said(found.object("limit"), now))
                .line("paused", paused(found, now))
                .line(
                        "version",
                        found.number("policyVersion").map(String::valueOf).orElse(""))
                .line("applied", found.flag("applied") ? "" : "not by all partitions yet");
    }

    private static String ready(JsonObject work) {
        long ready = work.number("ready").orElse(0L);
        return ready == 0
                ? "0"
                : ready + ", the oldest for "
                        + Times.length(
                                Duration.ofMillis(work.number("oldestAgeMs").orElse(0L)));
    }

    /** @return since when, by whom and why; empty where it is not paused */
    static String paused(JsonObject said, Instant now) {
        return said(said.object("paused"), now);
    }

    /** @return since when, by whom and why something was said; empty where nothing was */
    private static String said(JsonObject said, Instant now) {
        String by = said.text("by");
        String reason = said.text("reason");
        return by.isEmpty()
                ? ""
                : Times.ago(said.time("since"), now) + " by " + by + (reason.isEmpty() ? "" : ": " + reason);
    }

    /** @return how much of it is handed out, at the most; empty where that is not limited */
    static String limit(JsonObject said) {
        JsonObject limit = said.object("limit");
        List<String> limits = new ArrayList<>();
        limit.number("inFlight")
                .ifPresent(most -> limits.add(limit.number("inFlightNow").orElse(0L) + " of " + most + " in flight"));
        limit.number("rate")
                .ifPresent(
                        most -> limits.add(most + "/s, " + limit.number("burst").orElse(0L) + " at once"));
        if (!limit.text("fairBy").isEmpty()) {
            limits.add("in turn by " + limit.text("fairBy"));
        }
        return String.join("; ", limits);
    }
}
