package io.millrace.infra.client;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lists kinds that are held back. */
@Command(name = "list", description = "Lists kinds of work that are paused. All others are handed out.")
final class KindListCommand extends ListCommand {

    private final Instant now;

    KindListCommand(Invocation around) {
        super(around);
        now = around.clock().instant();
    }

    @Override
    String path() {
        return "/kinds";
    }

    @Override
    String field() {
        return "kinds";
    }

    @Override
    Map<String, String> filter() {
        return Map.of();
    }

    @Override
    String id(JsonObject kind) {
        return kind.text("kind");
    }

    @Override
    List<Column<JsonObject>> columns() {
        return List.of(
                text("KIND", "kind"),
                whole("WORK", "workType"),
                Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, now))),
                number("VERSION", "policyVersion").onlyWide());
    }
}
