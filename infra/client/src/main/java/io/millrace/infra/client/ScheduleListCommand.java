package io.millrace.infra.client;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Lists schedules. */
@Command(
        name = "list",
        description = {
            "Lists schedules, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class ScheduleListCommand extends PagedListCommand {

    static final String PATH = "/schedules";

    ScheduleListCommand(Invocation around) {
        super(around);
    }

    @Override
    String path() {
        return PATH;
    }

    @Override
    String field() {
        return "schedules";
    }

    @Override
    Map<String, String> filter() {
        return Map.of();
    }

    @Override
    String id(JsonObject item) {
        return item.text("name");
    }

    @Override
    List<Column<JsonObject>> columns() {
        return List.of(
                whole("NAME", "name"),
                status(),
                Column.flexible("WHEN", item -> Cell.of(when(item))),
                text("KIND", "kind"),
                text("QUEUE", "queue").onlyWide(),
                whole("NEXT", "nextRunAt"),
                age("LAST", "lastRunAt"),
                number("RUNS", "runs"),
                number("SKIPPED", "skipped").onlyWide(),
                whole("OVERLAP", "overlap").onlyWide(),
                whole("MISSED", "missed").onlyWide());
    }

    /** @return when a schedule is due, as people say it */
    static String when(JsonObject schedule) {
        String cron = schedule.text("cron");
        if (!cron.isEmpty()) {
            return cron + " " + schedule.text("timeZone");
        }
        Optional<Long> every = schedule.number("everyMs");
        return every.isPresent() ? "every " + Durations.text(every.get()) : "once at " + schedule.text("at");
    }
}
