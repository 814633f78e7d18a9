package io.millrace.infra.client.key;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ReasonOption;
import io.millrace.infra.client.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes an API key. */
@Command(
        name = "create",
        description = {
            "Makes an API key, and prints it alone. It is told only now: the server keeps no more than its hash.",
            "It counts on all nodes within moments."
        })
final class KeyCreateCommand extends ApiCommand {

    @Option(names = "--user", paramLabel = "ID", description = "The user that it stands for; needs --role.")
    private String user;

    @Option(names = "--worker", paramLabel = "ID", description = "The worker that it stands for.")
    private String worker;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            description = "Of a user: OWNER, ADMIN, OPERATOR, AUDITOR or MEMBER.")
    private String role;

    @Option(names = "--name", paramLabel = "TEXT", description = "What it is for.")
    private String name;

    @Option(
            names = "--queue",
            paramLabel = "QUEUE",
            description = "Keeps the key of a worker to a queue. May be repeated.")
    private List<String> queues = List.of();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "Keeps the key of a worker to a kind. May be repeated.")
    private List<String> kinds = List.of();

    @Option(
            names = "--expires-after",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "When it expires, counted from now, such as 12h or 90d. Otherwise never.")
    private Duration life;

    @Option(
            names = "--calls-per-second",
            paramLabel = "N",
            description = "What may be asked with it of each node in a second. Otherwise as with each key.")
    private Long calls;

    @Option(names = "--calls-burst", paramLabel = "N", description = "So many at once. Otherwise those of one second.")
    private Long burst;

    @Option(
            names = "--payload-bytes-per-second",
            paramLabel = "N",
            description = "Bytes that these may carry in a second.")
    private Long bytes;

    @Mixin
    private ReasonOption reason = new ReasonOption();

    KeyCreateCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        if ((user == null) == (worker == null)) {
            throw ClientException.usage("expected --user or --worker, whom the key stands for, but got "
                    + (user == null ? "neither" : "both"));
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("principalType", user != null ? "USER" : "WORKER");
        body.put("principalId", user != null ? user : worker);
        GivenOptions.put(body, "role", role);
        GivenOptions.put(body, "name", name);
        body.put("queues", queues);
        body.put("kinds", kinds);
        GivenOptions.put(body, "expiresInMs", life == null ? null : life.toMillis());
        GivenOptions.put(body, "callsPerSecond", calls);
        GivenOptions.put(body, "callsBurst", burst);
        GivenOptions.put(body, "payloadBytesPerSecond", bytes);
        reason.addTo(body);
        JsonObject made = api.post(ApiKeys.LIST.path(), body).json();
        out().println(made.text("secret"));
        if (!made.text("approvalId").isEmpty()) {
            note("it is not in force yet: somebody else has to approve it, request " + made.text("approvalId")
                    + ", until " + made.text("expiresAt") + "; keep it now, it is not told again");
            return ExitCode.DONE;
        }
        note("made " + made.text("key") + ", id " + made.text("id") + ", "
                + (made.text("expiresAt").isEmpty() ? "which does not expire" : "until " + made.text("expiresAt"))
                + "; keep it now, it is not told again");
        return ExitCode.DONE;
    }
}
