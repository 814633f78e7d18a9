package io.millrace.infra.client;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lists queries that have names. */
@Command(name = "list", description = "Lists the queries that have names, in the order of these.")
final class QueryListCommand extends ListCommand {

    QueryListCommand(Invocation around) {
        super(around);
    }

    @Override
    String path() {
        return SavedQueries.PATH;
    }

    @Override
    String field() {
        return "savedQueries";
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
                whole("OF", "subject"),
                text("QUERY", "query"),
                text("ABOUT", "about"),
                whole("BY", "savedBy").onlyWide(),
                age("AGE", "savedAt").onlyWide());
    }
}
