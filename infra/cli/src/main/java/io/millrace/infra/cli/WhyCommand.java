package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.Why;
import io.millrace.infra.client.print.Cell;
import java.io.PrintWriter;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells why an execution stands where it does. */
@Command(
        name = "why",
        description = {
            "Tells in one sentence why a workflow execution or a task stands where it does, and then the facts, straight from Kafka.",
            "Exit code 2 if the log does not know it."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class WhyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions options;

    @Parameters(paramLabel = "ID", description = "Id of a workflow execution or a task.")
    private UUID id;

    @Option(names = "--json", description = "As JSON: sentence and facts.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (LogOptions.Opened opened = options.open()) {
            Why why = ExecutionTrace.read(opened.log(), id, partition -> Long.MAX_VALUE)
                    .why();
            if (json) {
                out.println(JsonTree.json(why.tree()));
            } else {
                out.println(Cell.of(why.sentence()).text());
                JsonTree.lines(why.facts())
                        .forEach(line -> out.println("  " + Cell.of(line).text()));
            }
        }
        out.flush();
        return 0;
    }
}
