package io.millrace.infra.client.schedule;

import static io.millrace.infra.client.command.ListCommand.number;
import static io.millrace.infra.client.command.ListCommand.status;
import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.command.PlainList;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;

/** The list of schedules. */
final class Schedules {

    static final PlainList LIST = new PlainList(
            "/schedules",
            "schedules",
            "name",
            true,
            list -> List.of(
                    whole("NAME", "name"),
                    status(),
                    Column.flexible("WHEN", item -> Cell.of(ScheduleTimingCommand.when(item))),
                    text("KIND", "kind"),
                    text("QUEUE", "queue").onlyWide(),
                    whole("NEXT", "nextRunAt"),
                    list.age("LAST", "lastRunAt"),
                    number("RUNS", "runs"),
                    number("SKIPPED", "skipped").onlyWide(),
                    whole("OVERLAP", "overlap").onlyWide(),
                    whole("MISSED", "missed").onlyWide()),
            "Lists schedules, the newest first.",
            PlainList.LATE);

    private Schedules() {}
}
