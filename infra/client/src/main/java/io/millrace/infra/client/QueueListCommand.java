package io.millrace.infra.client;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lists queues. */
@Command(
        name = "list",
        description = {
            "Lists queues with work that waits for a worker: how much, and for how long the oldest.",
            "Those that are held back are listed too, whether or not there is work in them."
        })
final class QueueListCommand extends ListCommand {

    static final String PATH = "/queues";

    private final Instant now;

    QueueListCommand(Invocation around) {
        super(around);
        now = around.clock().instant();
    }

    @Override
    String path() {
        return PATH;
    }

    @Override
    String field() {
        return "queues";
    }

    @Override
    Map<String, String> filter() {
        return Map.of();
    }

    @Override
    String id(JsonObject queue) {
        return queue.text("queue");
    }

    @Override
    List<Column<JsonObject>> columns() {
        return List.of(
                text("QUEUE", "queue"),
                whole("WORK", "workType"),
                number("READY", "ready"),
                Column.of(
                        "OLDEST",
                        item -> Cell.of(Times.length(
                                Duration.ofMillis(item.number("oldestAgeMs").orElse(0L))))),
                Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, now))),
                number("VERSION", "policyVersion").onlyWide());
    }
}
