package io.millrace.infra.client.promise;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** Settles a promise, in one way or the other. */
abstract class PromiseSettleCommand extends ApiCommand {

    @Parameters(
            paramLabel = "PROMISE",
            description = "WORKFLOW-ID:NAME, or the promise's id, or key: and its idempotency key.")
    private String promise;

    PromiseSettleCommand(Invocation around) {
        super(around);
    }

    /** @param way last part of the path */
    final int settle(Api api, String way, Map<String, Object> body) {
        JsonObject settled =
                api.post("/promises/" + Api.encoded(promise) + "/" + way, body).json();
        if (settled.flag("settled")) {
            out().println("promise " + promise + " settled");
            return ExitCode.DONE;
        }
        note("expected a promise that is open, but "
                + (settled.flag("alreadySettled")
                        ? promise + " was settled before, and stays as it is"
                        : "the workflow of " + promise + " had ended without it"));
        return ExitCode.FAILED;
    }
}
