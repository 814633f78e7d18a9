package io.millrace.infra.client.key;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives an API key another end. */
@Command(
        name = "expire",
        description = "Gives an API key another end, so that there is time to hand out the next one before it is over.")
final class KeyExpireCommand extends KeyAction {

    @Option(
            names = "--after",
            paramLabel = "TIME",
            required = true,
            converter = Durations.class,
            description = "When it expires, counted from now, such as 24h.")
    private Duration life;

    KeyExpireCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject key = send(api, "expire", Map.of("expiresInMs", life.toMillis()));
        out().println(key.text("key") + " expires at " + key.text("expiresAt"));
        return ExitCode.DONE;
    }
}
