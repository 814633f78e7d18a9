package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks a server to end one execution, or what ends one. Somebody else may have to approve it first. */
public abstract class EndingCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    private final Kind kind;

    protected EndingCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    protected final UUID id() {
        return id;
    }

    protected final Kind kind() {
        return kind;
    }

    /**
     * Asks for it.
     *
     * @param request the last part of the path, with a query if there is one
     * @param further fields of the body besides the reason
     * @param nothingYet what is not done while nobody has approved it, such as "nothing is cancelled"
     * @return the answer; null if somebody else has to approve it, which was told then
     */
    protected final @Nullable JsonObject ask(Api api, String request, Map<String, Object> further, String nothingYet) {
        JsonObject answer = send(api, request, further);
        if (answer.text("approvalId").isEmpty()) {
            return answer;
        }
        note(nothingYet + " yet: somebody else has to approve it, request " + answer.text("approvalId") + ", until "
                + answer.text("expiresAt"));
        return null;
    }

    /** Asks for what nobody has to approve; returns the answer. */
    protected final JsonObject send(Api api, String request, Map<String, Object> further) {
        Map<String, Object> body = new LinkedHashMap<>(further);
        reason.addTo(body);
        return api.post(kind.path(id) + "/" + request, body).json();
    }

    /** @return the exit code, after it was told that the execution had ended already */
    protected final int hadEnded() {
        note("expected a " + kind.word() + " that is open, but " + id + " had ended already, and stays as it is");
        return ExitCode.FAILED;
    }
}
