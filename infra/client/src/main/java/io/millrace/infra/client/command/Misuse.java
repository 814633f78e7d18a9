package io.millrace.infra.client.command;

import io.millrace.infra.client.api.ExitCode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line how a command was called wrongly: what was expected, what there is instead. Stateless. */
public final class Misuse implements IParameterExceptionHandler {

    /** What picocli puts before a converter's own text, with what the value was given for. */
    private static final Pattern VALUE = Pattern.compile(
            "Invalid value for (?:option '([^']+)'(?: \\([^)]*\\))?|positional parameter at index \\d+ \\(([^)]+)\\)): (.*)",
            Pattern.DOTALL);

    private static final Pattern NUMBER = Pattern.compile("('.*') is not an? (?:int|long)", Pattern.DOTALL);
    private static final Pattern ENTRY = Pattern.compile(
            "Value for option option '([^']+)' \\(([^)]+)\\) should be in KEY=VALUE format but was (.*)",
            Pattern.DOTALL);

    private static final String INSTEAD = ", but got ";

    /** @return {@link ExitCode#USAGE} */
    @Override
    public int handleParseException(ParameterException misuse, String[] args) {
        CommandLine command = misuse.getCommandLine();
        command.getErr()
                .println("millrace: " + oneLine(text(misuse)) + "; `"
                        + command.getCommandSpec().qualifiedName() + " --help` says what there is");
        return ExitCode.USAGE;
    }

    private static String text(ParameterException misuse) {
        return switch (misuse) {
            case UnmatchedArgumentException unmatched -> unmatched(unmatched);
            case MissingParameterException missing -> missing(missing);
            default -> value(String.valueOf(misuse.getMessage()));
        };
    }

    /** Names the first argument alone: what stands behind it may be its value. */
    private static String unmatched(UnmatchedArgumentException misuse) {
        CommandLine command = misuse.getCommandLine();
        String got = misuse.getUnmatched().getFirst();
        String expected;
        if (got.startsWith("-")) {
            expected = "an option of " + command.getCommandSpec().qualifiedName();
        } else if (command.getSubcommands().isEmpty()) {
            expected = "nothing more";
        } else {
            expected = "a command of " + command.getCommandSpec().qualifiedName();
        }
        // What is asked for there stands behind this.
        List<String> near = got.equals("help") ? List.of() : misuse.getSuggestions();
        return "expected " + expected + INSTEAD + "'" + got + "'"
                + (near.isEmpty() ? "" : ", which is near to " + near.getFirst());
    }

    private static String missing(MissingParameterException misuse) {
        List<ArgSpec> missing = misuse.getMissing();
        if (missing.isEmpty()) {
            return String.valueOf(misuse.getMessage());
        }
        boolean value = String.valueOf(misuse.getMessage()).startsWith("Missing required parameter for option");
        if (String.valueOf(misuse.getMessage()).contains("specify one of these")) {
            return "expected " + missing.stream().map(Misuse::name).collect(Collectors.joining(" or "))
                    + ", but none of them is there";
        }
        return "expected "
                + (value ? "a value behind " : "")
                + missing.stream().map(Misuse::name).collect(Collectors.joining(" and "))
                + ", but " + (value || missing.size() == 1 ? "it is" : "they are") + " missing";
    }

    private static String name(ArgSpec lacking) {
        return lacking instanceof OptionSpec option ? option.longestName() : lacking.paramLabel();
    }

    /** What was given for an option is said where the value is named. */
    private static String value(String said) {
        Matcher entry = ENTRY.matcher(said);
        if (entry.matches()) {
            return "expected " + entry.group(2) + " behind " + entry.group(1) + INSTEAD + "'" + entry.group(3) + "'";
        }
        Matcher value = VALUE.matcher(said);
        if (!value.matches()) {
            return said;
        }
        // Texts for ids name what they are of.
        String place = value.group(3).startsWith(NotEmpty.EXPECTED) ? " as " + value.group(2) : "";
        String of = value.group(1) == null ? place : " behind " + value.group(1);
        Matcher number = NUMBER.matcher(value.group(3));
        String text = number.matches() ? "expected a whole number" + INSTEAD + number.group(1) : value.group(3);
        int instead = text.lastIndexOf(INSTEAD);
        return instead < 0 ? said : text.substring(0, instead) + of + text.substring(instead);
    }

    /** @return the text without breaks */
    public static String oneLine(@Nullable String text) {
        return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
