package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.Why;
import io.millrace.infra.client.print.Cell;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells why an execution stands where it does. */
@Command(
        name = "why",
        description = {
            "Tells in one sentence why a workflow execution or a task stands where it does, and then the facts, straight from Kafka.",
            "Exit code 2 if the log does not know it."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class ReplayedWhyCommand extends TraceCommand {

    @Option(names = "--json", description = "As JSON: sentence and facts.")
    private boolean json;

    @Override
    String online() {
        return "workflow why";
    }

    @Override
    void tell(ExecutionTrace trace, PrintWriter out) throws Exception {
        Why why = trace.why();
        if (json) {
            out.println(JsonTree.json(why.tree()));
        } else {
            out.println(Cell.of(why.sentence()).text());
            JsonTree.lines(why.facts())
                    .forEach(line -> out.println("  " + Cell.of(line).text()));
        }
    }
}
