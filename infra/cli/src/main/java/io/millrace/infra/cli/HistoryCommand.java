package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.HistoryTree;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.SdkHistory;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells everything that the log has about an execution. */
@Command(
        name = "history",
        description = {
            "Tells all that the log has of a workflow execution or a task, straight from Kafka: who asked for what, when and from"
                    + " where, what came of it, and how it stood before and after.",
            "Also what no worker replays: claims, ends of leases, failed attempts, ignored submissions, refused requests.",
            "On a terminal it is shown step by step, as keys are pressed; otherwise, and with --print, all at once.",
            "Exit code 2 if the log does not know it."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class HistoryCommand extends TraceCommand {

    @ArgGroup
    private @Nullable Form form;

    /** How to tell it: one of these options, or for people. */
    private static final class Form {

        @Option(names = "--json", description = "As JSON, in the form of docs/reference/history.md.")
        private boolean json;

        @Option(
                names = "--sdk",
                description =
                        "Of a workflow, as JSON in the form that replay tests of the SDKs read; docs/replay.md shows such a test.")
        private boolean sdk;

        @Option(names = "--print", description = "For people, all at once, also on a terminal.")
        private boolean print;
    }

    @Override
    String online() {
        return "workflow events";
    }

    @Override
    void tell(ExecutionTrace trace, PrintWriter out) throws Exception {
        if (form != null && form.json) {
            out.println(JsonTree.json(HistoryTree.of(trace)));
        } else if (form != null && form.sdk) {
            out.println(JsonTree.json(SdkHistory.of(trace)));
        } else {
            HistorySteps.tell(trace, out, form != null && form.print);
        }
    }
}
