package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Cancels one execution. */
@Command(
        name = "cancel",
        description = {
            "Cancels it at once, whatever its worker does.",
            "Exit code 1 if it had ended already: it stays as it is.",
            "Exit code 7 if somebody else has to approve it first: it is open until then."
        })
final class CancelCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = Ids.class, description = "Its id.")
    private UUID id;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why. It stands in the audit trail; a server may be configured to want one.")
    private String reason;

    private final Kind kind;

    CancelCommand(Surroundings around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        if (reason != null) {
            body.put("reason", reason);
        }
        JsonObject answer = api.post(kind.path(id) + "/cancel", body).json();
        if (!answer.text("approvalId").isEmpty()) {
            note("nothing is cancelled yet: somebody else has to approve it, request " + answer.text("approvalId")
                    + ", until " + answer.text("expiresAt"));
            return ExitCode.STILL_OPEN;
        }
        if (answer.flag("cancelled")) {
            out().println(kind.word() + " " + id + " cancelled");
            return ExitCode.DONE;
        }
        note("expected a " + kind.word() + " that is open, but " + id + " had ended already, and stays as it is");
        return ExitCode.FAILED;
    }
}
