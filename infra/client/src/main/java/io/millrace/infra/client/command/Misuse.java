package io.millrace.infra.client.command;

import io.millrace.infra.client.api.ExitCode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line how a command was called wrongly. Stateless. */
public final class Misuse implements IParameterExceptionHandler {

    /** @return {@link ExitCode#USAGE} */
    @Override
    public int handleParseException(ParameterException misuse, String[] args) {
        CommandLine command = misuse.getCommandLine();
        List<String> near = misuse instanceof UnmatchedArgumentException unknown ? unknown.getSuggestions() : List.of();
        command.getErr()
                .println("millrace: " + oneLine(misuse.getMessage())
                        + (near.isEmpty() ? "" : ", which is near to " + near.getFirst()) + "; `"
                        + command.getCommandSpec().qualifiedName() + " --help` says what there is");
        return ExitCode.USAGE;
    }

    /** @return the text without breaks */
    public static String oneLine(@Nullable String text) {
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
