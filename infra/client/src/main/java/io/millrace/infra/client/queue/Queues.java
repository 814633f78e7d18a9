package io.millrace.infra.client.queue;

import static io.millrace.infra.client.command.ListCommand.number;
import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.command.PlainList;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Times;
import java.time.Duration;
import java.util.List;

/** The list of queues. */
final class Queues {

    static final PlainList LIST = new PlainList(
                    "/queues",
                    "queues",
                    "queue",
                    false,
                    list -> List.of(
                            text("QUEUE", "queue"),
                            whole("WORK", "workType"),
                            number("READY", "ready"),
                            Column.of(
                                    "OLDEST",
                                    item -> Cell.of(Times.length(Duration.ofMillis(
                                            item.number("oldestAgeMs").orElse(0L))))),
                            Column.flexible("LIMIT", item -> Cell.of(QueueShowCommand.limit(item))),
                            Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, list.now()))),
                            number("VERSION", "policyVersion").onlyWide()),
                    "Lists queues with work that waits for a worker: how much, and for how long the oldest.",
                    "Those that are paused or limited are listed too, whether or not there is work in them.")
            .whenEmpty("no work waits for a worker in any queue, and no queue is paused or limited");

    private Queues() {}
}
