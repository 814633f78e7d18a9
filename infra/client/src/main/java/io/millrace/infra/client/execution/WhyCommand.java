package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells why a workflow or a task stands where it does. */
@Command(
        name = "why",
        description = {
            "Tells in one sentence why it stands where it does, and which workers could take what waits.",
            "`-o json` has the facts as well. `millrace why` tells the same from Kafka."
        })
public final class WhyCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Mixin
    private OutputOption output = new OutputOption();

    private final Kind kind;

    /** @param kind workflows or tasks */
    public WhyCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected int run(Api api) {
        JsonObject why = api.get(kind.path(id) + "/why", Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> tell(why);
            case JSON -> out().println(JsonCodec.pretty(why.fields()));
            case YAML -> out().print(YamlText.of(why.fields()));
            case ID -> out().println(id);
        }
        return ExitCode.DONE;
    }

    private void tell(JsonObject why) {
        out().println(Cell.of(why.text("sentence")).text());
        Instant now = around().clock().instant();
        for (JsonObject work : why.objects("workers")) {
            long living = work.number("living").orElse(0L);
            String what = work.text("workType").equals("TASK") ? "task " : "workflow ";
            String seen = work.text("lastSeenAt").isEmpty()
                    ? "no worker ever registered it"
                    : "the last worker with it was seen " + Times.ago(work.time("lastSeenAt"), now);
            out().println(Cell.of("  " + what + work.text("kind") + " in queue " + work.text("queue") + ": "
                            + (living == 0
                                    ? seen
                                    : living + (living == 1 ? " living worker" : " living workers")
                                            + " registered the kind, for this queue or another"))
                    .text());
        }
    }
}
