package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Cancels one execution. */
@Command(
        name = "cancel",
        description = {"Cancels it at once, whatever its worker does.", "Exit code 1 if it had ended already: it stays as it is."})
final class CancelCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = Ids.class, description = "Its id.")
    private UUID id;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why. It stands in the audit trail; a server may be configured to want one.")
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
        if (api.post(kind.path(id) + "/cancel", body).json().flag("cancelled")) {
            out().println(kind.word() + " " + id + " cancelled");
            return ExitCode.DONE;
        }
        note("expected a " + kind.word() + " that is open, but " + id + " had ended already, and stays as it is");
        return ExitCode.FAILED;
    }
}
