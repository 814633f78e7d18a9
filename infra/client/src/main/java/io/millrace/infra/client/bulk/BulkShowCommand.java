package io.millrace.infra.client.bulk;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one bulk job. */
@Command(name = "show", description = "Shows a bulk job, as the read model has it.")
final class BulkShowCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.OfBulkJob.class, description = "Its id.")
    private UUID id;

    @Mixin
    private OutputOption output = new OutputOption();

    BulkShowCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject found = api.get(BulkJobs.LIST.path(id.toString()), Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> details(found, around().clock().instant()).print(out(), around().screen());
            case JSON -> out().println(JsonCodec.pretty(found.fields()));
            case YAML -> out().print(YamlText.of(found.fields()));
            case ID -> out().println(found.text("id"));
        }
        return 0;
    }

    private static Details details(JsonObject found, Instant now) {
        String by = found.text("statusBy");
        String why = found.text("statusReason");
        long forceAfter = found.number("forceAfterMs").orElse(0L);
        return new Details()
                .line("id", found.text("id"))
                .line("status", Cell.status(found.text("status")))
                .line("why", (by.isEmpty() ? "" : "by " + by + (why.isEmpty() ? "" : ": ")) + why)
                .line("version", number(found, "version"))
                .line("action", found.text("action"))
                .line("kept up to", keptUpTo(found.object("how")))
                .line("query", found.text("query"))
                .line("reason", found.text("reason"))
                .line("by", found.text("requestedBy"))
                .line("expected", number(found, "expected"))
                .line("done", number(found, "done"))
                .line("refused", number(found, "refused"))
                .line("skipped", number(found, "skipped"))
                .line("rate", number(found, "rate") + " in a second")
                .line("cancels after", forceAfter == 0 ? "" : Durations.text(forceAfter))
                .line("begun", Times.ago(found.time("begunAt"), now))
                .line("ended", Times.ago(found.time("endedAt"), now));
    }

    /** @return the last event that a reset keeps: its number, or its type */
    private static String keptUpTo(JsonObject how) {
        return how.text("toEvent") + how.text("toFirst");
    }

    private static String number(JsonObject found, String field) {
        return found.number(field).map(String::valueOf).orElse("");
    }
}
