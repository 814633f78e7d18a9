package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.infra.client.command.IdConverter;
import java.io.PrintWriter;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells something of all that the log has about one execution. */
abstract class TraceCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private LogOptions options;

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Id of a workflow execution or a task.")
    private UUID id;

    @Override
    public final Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (LogOptions.Opened opened = options.open(online() + " " + id)) {
            tell(ExecutionTrace.read(opened.log(), id, partition -> Long.MAX_VALUE), out);
        }
        out.flush();
        return 0;
    }

    /** @return the command that asks a server for the same */
    abstract String online();

    /** Prints it. */
    abstract void tell(ExecutionTrace trace, PrintWriter out) throws Exception;
}
