package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ListCommand;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.TextTable;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what somebody should look at. */
@Command(
        name = "dead-letters",
        description = {
            "Shows what somebody should look at: workflows that are handed out again and again, or ended so, and tasks that"
                    + " are out of attempts. An open workflow comes back by itself; the others go on no more.",
            "What somebody has dismissed is left out, and so are tasks whose workflow ended otherwise than by failing, or goes on"
                    + " in another run.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
public final class DeadLettersCommand extends ApiCommand {

    private static final String PATH = "/dead-letters";

    /**
     * Of which sort they are.
     *
     * @param one what is true of one of them
     * @param many what is true of several
     * @param retry the bulk action that retries them
     * @param attempts the field that counts how often they were tried
     */
    private record Sort(String word, String one, String many, String retry, String attempts) {}

    private static final Sort WORKFLOWS = new Sort(
            "workflow", "was handed out again and again", "were handed out again and again", "retry", "deliveries");

    private static final Sort TASKS =
            new Sort("task", "is out of attempts", "are out of attempts", "retry-tasks", "executionCount");

    @Mixin
    private OutputOption output = new OutputOption();

    public DeadLettersCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject found = api.get(PATH, Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> {
                Instant now = around().clock().instant();
                part(found.object("workflows"), WORKFLOWS, now);
                part(found.object("tasks"), TASKS, now);
            }
            case JSON -> out().println(JsonCodec.pretty(found.fields()));
            case YAML -> out().print(YamlText.of(found.fields()));
            case ID -> {
                found.object("workflows").objects("first").forEach(one -> out().println(one.text("id")));
                found.object("tasks").objects("first").forEach(one -> out().println(one.text("id")));
            }
        }
        return ExitCode.DONE;
    }

    private void part(JsonObject part, Sort sort, Instant now) {
        long total = part.number("total").orElse(0L);
        List<JsonObject> first = part.objects("first");
        if (first.isEmpty()) {
            note("there are no " + sort.word() + "s that " + sort.many());
            return;
        }
        note(total + " " + sort.word() + (total == 1 ? " that " + sort.one() : "s that " + sort.many())
                + (total > first.size() ? ", the newest " + first.size() + ":" : ":"));
        new TextTable<JsonObject>(
                        out(),
                        around().screen(),
                        List.of(
                                ListCommand.whole(sort.word().toUpperCase(Locale.ROOT), "id"),
                                ListCommand.text("KIND", "kind"),
                                ListCommand.text("QUEUE", "queue"),
                                ListCommand.status(),
                                ListCommand.number("TRIES", sort.attempts()),
                                Column.of(
                                        "AGE", one -> Cell.of(Times.between(one.time("createdAt"), Optional.of(now)))),
                                ListCommand.text("ERROR", "error")))
                .print(first);
        out().flush();
        boolean failed = first.stream().anyMatch(one -> one.text("status").equals("FAILED"));
        note((failed
                        ? "./millrace bulk begin " + sort.retry() + " -q '" + part.text("query")
                                + "' --reason TEXT retries those that have failed, "
                        : "")
                + "./millrace " + sort.word() + " dismiss ID --reason TEXT leaves one as it is");
    }
}
