package io.millrace.infra.client.key;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Command;

/** Revokes an API key. */
@Command(name = "revoke", description = "Revokes an API key for ever, on all nodes within moments.")
final class KeyRevokeCommand extends KeyAction {

    KeyRevokeCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject key = send(api, "revoke", Map.of());
        out().println(key.text("key") + (key.flag("changed") ? " revoked" : " was revoked before"));
        return ExitCode.DONE;
    }
}
