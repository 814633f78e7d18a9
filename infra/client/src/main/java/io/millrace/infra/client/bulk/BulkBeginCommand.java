package io.millrace.infra.client.bulk;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.HttpAnswer;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ListCommand;
import io.millrace.infra.client.command.NotEmpty;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.TextTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Begins a bulk job. */
@Command(
        name = "begin",
        description = {
            "Asks the same of everything that a query finds, one after the other, and prints the id of the job.",
            "It goes on without this command. What is created later than the job is left alone.",
            "With --wait: exit code 1 if something was refused, 8 if the job was stopped."
        })
final class BulkBeginCommand extends ApiCommand {

    @Parameters(
            paramLabel = "ACTION",
            completionCandidates = Actions.class,
            description = "What is asked of each: ${COMPLETION-CANDIDATES}.")
    private String action;

    @Option(
            names = {"-q", "--query"},
            paramLabel = "QUERY",
            required = true,
            description = "Which ones, such as 'status = FAILED AND created > -2h'.")
    private String query;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            converter = NotEmpty.class,
            description = "Why. It stands in the audit trail of the job and of each item.")
    private String reason;

    @Option(names = "--dry-run", description = "Only says how many they are, and shows the oldest of them.")
    private boolean dryRun;

    @Option(names = "--rate", paramLabel = "N", description = "Most of them in a second. Otherwise 100.")
    private Integer rate;

    @Option(
            names = "--force-after",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "With cancel: how long workers have to end the workflows. Otherwise nothing.")
    private Duration forceAfter;

    @Option(
            names = "--to",
            paramLabel = "N",
            description = "With reset: the last event that is kept of each, as events counts them.")
    private Integer to;

    @Option(
            names = "--to-first",
            paramLabel = "EVENT",
            description = "With reset: its type instead, such as TASK_COMPLETED; the first of them is kept last.")
    private String toFirst;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            converter = NotEmpty.class,
            description =
                    "A key of the job: whoever asks again with it begins no second one, and gets the id of the first.")
    private String key;

    @Option(names = "--wait", description = "Waits for its end, and shows how far it is.")
    private boolean wait;

    BulkBeginCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("action", action.toUpperCase(Locale.ROOT).replace('-', '_'));
        body.put("query", query);
        body.put("reason", reason);
        GivenOptions.put(body, "rate", rate);
        GivenOptions.put(body, "forceAfterMs", forceAfter == null ? null : forceAfter.toMillis());
        GivenOptions.put(body, "toEvent", to);
        GivenOptions.put(body, "toFirst", toFirst);
        GivenOptions.put(body, "idempotencyKey", key);
        GivenOptions.put(body, "dryRun", dryRun ? true : null);
        HttpAnswer answered = api.post(BulkJobs.LIST.path(), body);
        JsonObject answer = answered.json();
        long expected = answer.number("expected").orElse(0L);
        if (dryRun) {
            note("nothing is done; the query finds " + expected);
            new TextTable<>(out(), around().screen(), matches()).print(answer.objects("first"));
            return ExitCode.DONE;
        }
        out().println(answer.text("id"));
        out().flush();
        if (!wait) {
            return ExitCode.DONE;
        }
        boolean made = answered.status() == BulkWaiter.MADE;
        return new BulkWaiter(api, err()).run(UUID.fromString(answer.text("id")), expected, made);
    }

    private static List<Column<JsonObject>> matches() {
        return List.of(
                ListCommand.whole("ID", "id"),
                Column.of("STATUS", item -> Cell.status(item.text("status"))),
                ListCommand.text("KIND", "kind"),
                ListCommand.text("QUEUE", "queue"),
                ListCommand.whole("CREATED", "createdAt"));
    }

    /** What may be asked. */
    static final class Actions extends ArrayList<String> {

        private static final long serialVersionUID = 1L;

        Actions() {
            super(List.of(
                    "cancel",
                    "terminate",
                    "retry",
                    "reset",
                    "restart",
                    "pause",
                    "resume",
                    "dismiss",
                    "cancel-tasks",
                    "retry-tasks",
                    "dismiss-tasks"));
        }
    }
}
