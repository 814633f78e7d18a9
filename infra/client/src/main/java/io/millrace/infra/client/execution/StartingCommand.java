package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts something, and prints its id, or waits for its end and prints what came of it. */
public abstract class StartingCommand extends ApiCommand {

    @Parameters(
            paramLabel = "KIND",
            converter = NotEmpty.class,
            description = "Its kind, as a worker has registered it.")
    private String kind;

    @Mixin
    private StartOptions options = new StartOptions();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            converter = NotEmpty.class,
            description =
                    "Idempotency key: while it stands for one from before, that one's id is printed, and nothing else is done.")
    private String key;

    @Option(names = "--wait", description = "Waits for the end.")
    private boolean wait;

    @Mixin
    private WaitingOptions waiting = new WaitingOptions();

    private final Kind what;
    private final String begun;

    /**
     * @param what is started
     * @param begun the participle for that, for notes
     */
    protected StartingCommand(Invocation around, Kind what, String begun) {
        super(around);
        this.what = what;
        this.begun = begun;
    }

    @Override
    protected final int run(Api api) throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("kind", kind);
        options.addTo(body, around());
        GivenOptions.put(body, "idempotencyKey", key);
        addTo(body);
        JsonObject started = api.post(what.path(), body).json();
        String id = started.text("id");
        if (started.flag("idempotencyKeyUsed") && !started.flag("idempotencyKeyNew")) {
            note("the key stands for a " + what.word() + " that was " + begun + " before");
        }
        if (wait) {
            return new EndWaiter(api, what, out(), err()).run(UUID.fromString(id), waiting);
        }
        out().println(id);
        return ExitCode.DONE;
    }

    /** Adds the options that only this kind of thing has. */
    protected abstract void addTo(Map<String, Object> body);
}
