package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.infra.client.ClientCommands;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.Misuse;
import io.millrace.infra.server.StartException;
import io.millrace.infra.tls.TlsException;
import io.millrace.infra.topics.TopicException;
import io.millrace.ingest.audit.keys.KeyException;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.readmodel.RebuildRefusedException;
import io.millrace.proto.log.CommandLogException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: the commands that run in production, and in front of them the commands of other modules. */
@Command(
        name = "millrace",
        description = "A durable workflow server on Apache Kafka and PostgreSQL.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main implements Runnable {

    /** Failures whose text says everything that the user has to know. */
    private static final List<Class<? extends Exception>> EXPLAINED = List.of(
            StartException.class,
            TopicException.class,
            RebuildRefusedException.class,
            CommandLogException.class,
            ConfigException.class,
            KeyException.class,
            TlogException.class,
            LogUnreadableException.class,
            TlsException.class);

    @Spec
    private CommandSpec spec;

    /**
     * Runs a command and ends the process. Exit code 0: it worked; 1: it failed; 2: it was called wrongly. Commands
     * that ask a server use those of {@link io.millrace.infra.client.api.ExitCode}.
     */
    public static void main(String[] args) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        System.exit(execute(args, utf8(System.out), utf8(System.err)));
    }

    private static PrintWriter utf8(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    /** Runs a command within this process and returns its exit code. */
    public static int execute(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine line = ofThisClassPath();
        // Only if one of them may be meant: making them takes time, and a server has to start at once.
        if (args.length == 0 || !line.getSubcommands().containsKey(args[0]) || args[0].equals("audit")) {
            ClientCommands.addTo(line, Invocation.ofProcess());
        }
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandSections());
        return line.addSubcommand(new CompletionCommand())
                .addSubcommand(new HelpCommand())
                .setExpandAtFiles(false)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler(new Misuse())
                .setExecutionExceptionHandler(Main::explain)
                .execute(args);
    }

    /** @return the commands of production and those of other modules, without those that ask a server */
    static CommandLine ofThisClassPath() {
        CommandLine line = new CommandLine(new Main());
        ServiceLoader.load(FurtherCommand.class).forEach(line::addSubcommand);
        return line.addSubcommand(new ServerCommand())
                .addSubcommand(new TopicsCommand())
                .addSubcommand(new DoctorCommand())
                .addSubcommand(new RebuildReadModelCommand())
                .addSubcommand(new AuditCommand())
                .addSubcommand(new WitnessCommand())
                .addSubcommand(new VerifyCommand())
                .addSubcommand(new HistoryCommand())
                .addSubcommand(new ImportCommand())
                .addSubcommand(new ReplayCommand())
                .addSubcommand(new ReplayedWhyCommand());
    }

    /** Called if no command was given. That is an error. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command, but there is none");
    }

    /**
     * A failure that the user can put right is told in one line. For any other one we have to see where it comes from.
     */
    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
            throws Exception {
        if (EXPLAINED.stream().anyMatch(kind -> kind.isInstance(failure))) {
            command.getErr().println("millrace: " + failure.getMessage());
            return command.getCommandSpec().exitCodeOnExecutionException();
        }
        if (failure instanceof ClientException known) {
            command.getErr().println("millrace: " + known.getMessage());
            return known.exitCode();
        }
        throw failure;
    }
}
