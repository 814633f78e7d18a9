package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.execution.Metadata;
import io.millrace.infra.client.execution.ShowCommand;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one schedule. */
@Command(name = "show", description = "Shows a schedule, as the read model has it.")
final class ScheduleShowCommand extends ApiCommand {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    @Mixin
    private OutputOption output = new OutputOption();

    ScheduleShowCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject found = api.get(ScheduleAction.path(name), Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> details(found, around().clock().instant()).print(out(), around().screen());
            case JSON -> out().println(JsonCodec.pretty(found.fields()));
            case YAML -> out().print(YamlText.of(found.fields()));
            case ID -> out().println(found.text("name"));
        }
        return 0;
    }

    private static Details details(JsonObject found, Instant now) {
        return new Details()
                .line("name", found.text("name"))
                .line("id", found.text("id"))
                .line("status", Cell.status(found.text("status")))
                .line("due", ScheduleTimingCommand.when(found))
                .line("from", found.text("startAt"))
                .line("until", found.text("endAt"))
                .line("jitter", duration(found, "jitterMs"))
                .line("overlap", found.text("overlap"))
                .line("missed", found.text("missed") + ", after " + duration(found, "missedAfterMs"))
                .line("cancels after", duration(found, "cancelAfterMs"))
                .line("next run", found.text("nextRunAt"))
                .line("last run", Times.ago(found.time("lastRunAt"), now))
                .line("last run's id", found.text("lastRunId"))
                .line("runs", found.number("runs").map(String::valueOf).orElse(""))
                .line("skipped", found.number("skipped").map(String::valueOf).orElse(""))
                .line("makes up", found.flag("backfilling") ? "for a range that somebody asked for" : "")
                .line("paused", paused(found))
                .line("kind", found.text("kind"))
                .line("workflow version", found.text("workflowVersion"))
                .line("queue", found.text("queue"))
                .line("metadata", Metadata.entries(found.object("metadata")))
                .line("input", ShowCommand.payload(found.value("input")))
                .line("created", Times.ago(found.time("createdAt"), now))
                .line("created by", found.text("createdBy"))
                .line("version", found.number("version").map(String::valueOf).orElse(""));
    }

    private static String duration(JsonObject found, String field) {
        long ms = found.number(field).orElse(0L);
        return ms == 0 ? "" : Durations.text(ms);
    }

    private static String paused(JsonObject found) {
        String by = found.text("pausedBy");
        String reason = found.text("pauseReason");
        return by.isEmpty() ? "" : "by " + by + (reason.isEmpty() ? "" : ": " + reason);
    }
}
