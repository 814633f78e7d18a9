package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says of one dead letter that somebody has looked at it. */
@Command(
        name = "dismiss",
        description = {
            "Says of a dead letter that somebody has looked at it, so that dead-letters shows it no more.",
            "Nothing else changes. It is shown again as soon as something more happens to it, such as another attempt."
        })
public final class DismissCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            converter = NotEmpty.class,
            description = "What was found, so that others need not look again. It stands in the audit trail.")
    private String reason;

    @Option(
            names = "--attempt",
            paramLabel = "N",
            description =
                    "Its TRIES as dead-letters told them. If there are more by now, nothing is done, and the exit code is 1.")
    private @Nullable Integer attempt;

    private final Kind kind;

    /** @param kind of what is dismissed */
    public DismissCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("reason", reason);
        GivenOptions.put(body, "attempt", attempt);
        JsonObject answer = api.post(kind.path(id) + "/dismiss", body).json();
        out().println(kind.word() + " " + id + (answer.flag("changed") ? " is dismissed" : " was dismissed before"));
        return ExitCode.DONE;
    }
}
