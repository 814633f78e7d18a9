package io.millrace.infra.client;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.Misuse;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands that ask a server. They start at once, since their class path is small. */
@Command(name = "millrace", description = "Asks a Millrace server.")
public final class ClientMain implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Says what there is.")
    private boolean help;

    /** Runs a command and ends the process with one of {@link ExitCode}. */
    public static void main(String[] args) {
        int code = execute(args, Invocation.ofProcess(), writer(FileDescriptor.out), writer(FileDescriptor.err));
        // Not System.exit: there are no hooks, and nothing has to be awaited.
        Runtime.getRuntime().halt(code);
    }

    private static PrintWriter writer(FileDescriptor to) {
        return new PrintWriter(new FileOutputStream(to), true, StandardCharsets.UTF_8);
    }

    /** Runs a command within this process and returns its exit code. */
    public static int execute(String[] args, Invocation around, PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new ClientMain());
        if (args.length == 0 || !ClientCommands.addOnly(args[0], line, around)) {
            ClientCommands.addTo(line, around);
        }
        int code = line.setOut(out)
                .setErr(err)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(new Misuse())
                .setExecutionExceptionHandler(ClientMain::failed)
                .execute(args);
        out.flush();
        err.flush();
        return code;
    }

    /** Called if no command was given. That is an error. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command, but there is none");
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof ClientException known) {
            command.getErr().println("millrace: " + Misuse.oneLine(known.getMessage()));
            return known.exitCode();
        }
        throw failure;
    }
}
