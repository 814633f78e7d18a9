package io.millrace.infra.client.key;

import static io.millrace.infra.client.command.ListCommand.status;
import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.command.PlainList;
import java.util.List;

/** The list of API keys. */
final class ApiKeys {

    static final PlainList LIST = new PlainList(
                    "/keys",
                    "keys",
                    "id",
                    false,
                    list -> List.of(
                            whole("ID", "id"),
                            whole("KEY", "key"),
                            status(),
                            whole("ROLE", "role"),
                            text("PRINCIPAL", "principalId"),
                            text("NAME", "name"),
                            list.age("AGE", "createdAt"),
                            whole("EXPIRES", "expiresAt"),
                            text("CREATED BY", "createdBy").onlyWide(),
                            whole("REVOKED", "revokedAt").onlyWide(),
                            whole("VERSION", "version").onlyWide(),
                            whole("CALLS/S", "callsPerSecond").onlyWide()),
                    "Lists the API keys that were made while the server ran, the newest first, without the keys themselves.",
                    "KEY is what the audit trail calls them. Those of the access file stand there.")
            .whenEmpty("no keys were made while the server ran; those of the access file stand there");

    private ApiKeys() {}
}
