package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.proto.Moment;
import java.io.PrintWriter;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(
            names = "--until",
            paramLabel = "MOMENT",
            converter = LogMoments.OrNow.class,
            description =
                    "Tells it as it was then, and reads no further: a time such as 2026-01-31T14:03:00Z, partition:offset, or now.")
    private Moment until = Moment.NOW;

    @Override
    public final Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (LogOptions.Opened opened = options.open(online() + " " + id)) {
            RecordedLog log = opened.log();
            LogMoments.expectWithin(log, until);
            tell(ExecutionTrace.read(log, id, partition -> LogMoments.endOfOne(log, partition, until)), out);
        }
        out.flush();
        return 0;
    }

    /** @return the command that asks a server for the same */
    abstract String online();

    /** Prints it. */
    abstract void tell(ExecutionTrace trace, PrintWriter out) throws Exception;
}
