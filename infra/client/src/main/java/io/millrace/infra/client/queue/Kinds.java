package io.millrace.infra.client.queue;

import static io.millrace.infra.client.command.ListCommand.number;
import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.command.PlainList;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;

/** The list of kinds of work. */
final class Kinds {

    static final PlainList LIST = new PlainList(
                    "/kinds",
                    "kinds",
                    "kind",
                    false,
                    list -> List.of(
                            text("KIND", "kind"),
                            whole("WORK", "workType"),
                            Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, list.now()))),
                            number("VERSION", "policyVersion").onlyWide()),
                    "Lists kinds of work that are paused. All others are handed out.")
            .whenEmpty("no kind of work is paused");

    private Kinds() {}
}
