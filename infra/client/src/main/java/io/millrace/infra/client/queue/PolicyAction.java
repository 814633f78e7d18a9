package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;

/** Asks a server to hand work out in another way. */
abstract class PolicyAction extends ApiCommand {

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    PolicyAction(Invocation around) {
        super(around);
    }

    /** @return what it is about, as people say it */
    abstract String subject();

    /** @return path of what it is about */
    abstract String path();

    /** Asks for it; returns the answer. */
    final JsonObject send(Api api, String request, Map<String, Object> further) {
        Map<String, Object> body = new LinkedHashMap<>(further);
        reason.addTo(body);
        return api.post(path() + "/" + seen.on(request), body).json();
    }

    /** Says what came of it. */
    final int tell(JsonObject answer, String outcome) {
        out().println(subject() + " " + outcome);
        if (!answer.flag("applied")) {
            note("some partitions have not heard of it yet, and hand work out as before until they have");
        }
        return ExitCode.DONE;
    }
}
