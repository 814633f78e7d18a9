package io.millrace.infra.client.schedule;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks a server to do something with one schedule. */
abstract class ScheduleAction extends ApiCommand {

    @Parameters(paramLabel = "NAME", description = "Its name.")
    private String name;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    ScheduleAction(Invocation around) {
        super(around);
    }

    final String name() {
        return name;
    }

    /** @return path of the schedule */
    static String path(String schedule) {
        return Schedules.LIST.path(schedule);
    }

    /** Asks for it; returns the answer. */
    final JsonObject send(Api api, String request, Map<String, Object> further) {
        Map<String, Object> body = new LinkedHashMap<>(further);
        reason.addTo(body);
        return api.post(path(name) + "/" + seen.on(request), body).json();
    }
}
