package io.millrace.infra.client.bulk;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.command.VersionOption;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Asks a server to let one bulk job rest, go on, or end. */
abstract class BulkSteerCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.OfBulkJob.class, description = "Its id.")
    private UUID id;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    @Mixin
    private VersionOption seen = new VersionOption();

    private final String request;

    BulkSteerCommand(Invocation around, String request) {
        super(around);
        this.request = request;
    }

    @Override
    protected final int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        reason.addTo(body);
        JsonObject answer = api.post(BulkJobs.LIST.path(id.toString()) + "/" + seen.on(request), body)
                .json();
        out().println("bulk job " + id + " is " + answer.text("status") + (answer.flag("changed") ? "" : " already"));
        return ExitCode.DONE;
    }

    /** Lets it rest. */
    @Command(name = "pause", description = "Lets a bulk job rest. What it has asked already takes effect.")
    static final class Pause extends BulkSteerCommand {

        Pause(Invocation around) {
            super(around, "pause");
        }
    }

    /** Lets it go on. */
    @Command(name = "resume", description = "Lets a bulk job go on from where it rests.")
    static final class Resume extends BulkSteerCommand {

        Resume(Invocation around) {
            super(around, "resume");
        }
    }

    /** Ends it. */
    @Command(
            name = "stop",
            description = "Ends a bulk job before it is through. What it has asked already takes effect.")
    static final class Stop extends BulkSteerCommand {

        Stop(Invocation around) {
            super(around, "stop");
        }
    }
}
