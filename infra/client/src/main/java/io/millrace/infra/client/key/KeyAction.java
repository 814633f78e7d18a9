package io.millrace.infra.client.key;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks a server to change one API key. */
abstract class KeyAction extends ApiCommand {

    @Parameters(paramLabel = "ID", description = "Its id, as list shows it.", converter = IdConverter.OfKey.class)
    private UUID id;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    KeyAction(Invocation around) {
        super(around);
    }

    /** Asks for it; returns the key as it is now. */
    final JsonObject send(Api api, String request, Map<String, Object> further) {
        Map<String, Object> body = new LinkedHashMap<>(further);
        reason.addTo(body);
        return api.post(ApiKeys.LIST.path(id.toString()) + "/" + seen.on(request), body)
                .json();
    }
}
