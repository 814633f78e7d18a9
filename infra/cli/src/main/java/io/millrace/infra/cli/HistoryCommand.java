package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.HistoryText;
import io.millrace.dispatcher.replay.HistoryTree;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.infra.client.print.Cell;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells everything that the log has about an execution. */
@Command(
        name = "history",
        description = {
            "Tells all that the log has of a workflow execution or a task, straight from Kafka: who asked for what, when and from"
                    + " where, what came of it, and how it stood before and after.",
            "Also what no worker replays: claims, ends of leases, failed attempts, ignored submissions, refused requests.",
            "Exit code 2 if the log does not know it."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class HistoryCommand extends TraceCommand {

    @Option(names = "--json", description = "As JSON, in the form of docs/reference/history.md.")
    private boolean json;

    @Override
    String online() {
        return "workflow events";
    }

    @Override
    void tell(ExecutionTrace trace, PrintWriter out) throws Exception {
        if (json) {
            out.println(JsonTree.json(HistoryTree.of(trace)));
        } else {
            HistoryText.lines(trace).forEach(line -> out.println(Cell.of(line).text()));
        }
    }
}
