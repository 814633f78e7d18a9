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
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what goes on no more by itself. */
@Command(
        name = "dead-letters",
        description = {
            "Shows what goes on no more by itself: workflows that are handed out again and again, or ended so, and tasks that"
                    + " are out of attempts.",
            "What somebody has dismissed is left out, and so are tasks whose workflow ended otherwise than by failing, or goes on"
                    + " in another run.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
public final class DeadLettersCommand extends ApiCommand {

    private static final String PATH = "/dead-letters";

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
                part(found.object("workflows"), "workflows", "retry", "deliveries", now);
                part(found.object("tasks"), "tasks", "retry-tasks", "executionCount", now);
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

    private void part(JsonObject part, String what, String action, String attempts, Instant now) {
        long total = part.number("total").orElse(0L);
        List<JsonObject> first = part.objects("first");
        if (first.isEmpty()) {
            note("there are no such " + what);
            return;
        }
        new TextTable<JsonObject>(
                        out(),
                        around().screen(),
                        List.of(
                                ListCommand.whole(what.equals("tasks") ? "TASK" : "WORKFLOW", "id"),
                                ListCommand.text("KIND", "kind"),
                                ListCommand.text("QUEUE", "queue"),
                                ListCommand.status(),
                                ListCommand.number("TRIES", attempts),
                                Column.of(
                                        "AGE", one -> Cell.of(Times.between(one.time("createdAt"), Optional.of(now)))),
                                ListCommand.text("ERROR", "error")))
                .print(first);
        out().flush();
        note((total > first.size() ? first.size() + " of " + total + " " + what : total + " " + what)
                + "; ./millrace bulk begin " + action + " -q '" + part.text("query")
                + "' --reason TEXT retries those that have failed, ./millrace "
                + (what.equals("tasks") ? "task" : "workflow")
                + " dismiss ID --reason TEXT leaves one as it is");
    }
}
