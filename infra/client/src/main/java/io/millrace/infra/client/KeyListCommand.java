package io.millrace.infra.client;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Column;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** Lists API keys. */
@Command(
        name = "list",
        description = {
            "Lists the API keys that were made while the server ran, the newest first, without the keys themselves.",
            "KEY is what the audit trail calls them. Those of the access file stand there."
        })
final class KeyListCommand extends ListCommand {

    static final String PATH = "/keys";

    KeyListCommand(Invocation around) {
        super(around);
    }

    @Override
    String path() {
        return PATH;
    }

    @Override
    String field() {
        return "keys";
    }

    @Override
    Map<String, String> filter() {
        return Map.of();
    }

    @Override
    List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id"),
                whole("KEY", "key"),
                status(),
                whole("ROLE", "role"),
                text("PRINCIPAL", "principalId"),
                text("NAME", "name"),
                age("AGE", "createdAt"),
                whole("EXPIRES", "expiresAt"),
                text("CREATED BY", "createdBy").onlyWide(),
                whole("REVOKED", "revokedAt").onlyWide());
    }
}
