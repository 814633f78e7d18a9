package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.YamlText;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tells why work waits in a queue. */
@Command(
        name = "why",
        description = {
            "Tells why work waits in a queue: how much and how long, whether it is paused, which workers could take it, and how much"
                    + " came and was taken of late.",
            "`-o json` has the figures."
        })
final class QueueWhyCommand extends ApiCommand {

    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    @Mixin
    private OutputOption output = new OutputOption();

    QueueWhyCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        JsonObject why = api.get(QueueAction.path(queue) + "/why", Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> out().println(Cell.of(why.text("sentence")).text());
            case JSON -> out().println(JsonCodec.pretty(why.fields()));
            case YAML -> out().print(YamlText.of(why.fields()));
            case ID -> out().println(queue);
        }
        return ExitCode.DONE;
    }
}
