package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.HistoryFile;
import io.millrace.dispatcher.replay.HistoryText;
import io.millrace.dispatcher.replay.HistoryTree;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.dispatcher.replay.SdkHistory;
import io.millrace.dispatcher.replay.WhatIf;
import io.millrace.dispatcher.replay.Why;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.infra.client.print.Cell;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at a history that was written to a file. */
@Command(
        name = "import",
        description = {
            "Looks at a history that `millrace history ID --json` wrote to a file: no Kafka and no server is asked.",
            "Shows any step, why the execution stood there as it did, and what would have happened with another command.",
            "Exit code 2 if the file is no such history, or not all of one."
        },
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = VerifyCommand.NOT_SEEN)
public final class ImportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The file.")
    private Path file;

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "Shows this step, as `history` numbers them, and how the execution stood behind it.")
    private @Nullable Integer step;

    @ArgGroup
    private @Nullable Wanted wanted;

    /** What to show: one of these options, or what happened, for people. */
    private static final class Wanted {

        @Option(names = "--json", description = "As JSON, in the form of docs/reference/history.md, up to the step.")
        private boolean json;

        @Option(names = "--sdk", description = "In the form that replay tests of the SDKs read, up to the step.")
        private boolean sdk;

        @Option(names = "--print", description = "For people, all at once, also on a terminal.")
        private boolean print;

        @Option(names = "--why", description = "Why it stands where it does, in the end or behind the step.")
        private boolean why;

        @Option(
                names = "--instead",
                paramLabel = "COMMAND",
                description =
                        "What would have happened, had this command stood at the step: JSON as the file has it for its"
                                + " commands, with name and body. What it does not say is as in the command there.")
        private @Nullable String instead;

        @Option(names = "--without", description = "What would have happened without the command of the step.")
        private boolean without;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        HistoryFile history = HistoryFile.read(text());
        if (wanted != null && (wanted.instead != null || wanted.without)) {
            if (step == null) {
                throw new ParameterException(
                        spec.commandLine(), "expected --step N, the step of the command, but there is none");
            }
            print(out, WhatIf.of(history, step, wanted.instead));
        } else {
            print(out, history.trace(step == null ? history.steps() : step));
        }
        out.flush();
        return 0;
    }

    private String text() {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new LogUnreadableException("expected a file to read, but there is no " + file, e);
        } catch (CharacterCodingException e) {
            throw new LogUnreadableException(
                    "expected what `millrace history ID --json` writes, but " + file + " is not UTF-8", e);
        } catch (IOException e) {
            throw new LogUnreadableException("expected to read " + file + ", but: " + e, e);
        }
    }

    private void print(PrintWriter out, ExecutionTrace trace) throws IOException {
        if (wanted != null && wanted.why) {
            Why why = trace.why();
            out.println(Cell.of(why.sentence()).text());
            print(out, "  ", JsonTree.lines(why.facts()));
        } else if (wanted != null && wanted.json) {
            out.println(JsonTree.json(HistoryTree.of(trace)));
        } else if (wanted != null && wanted.sdk) {
            out.println(JsonTree.json(SdkHistory.of(trace)));
        } else if (step != null) {
            print(out, "", HistoryText.lines(trace, step));
            out.println("   as it stood then:");
            print(out, "   ", trace.last().map(JsonTree::lines).orElse(List.of("not there")));
        } else {
            HistorySteps.tell(trace, out, wanted != null && wanted.print);
        }
    }

    private static void print(PrintWriter out, String indent, List<String> lines) {
        lines.forEach(line -> out.println(Cell.of(indent + line).text()));
    }

    private static void print(PrintWriter out, WhatIf whatIf) {
        if (whatIf.steps().isEmpty()) {
            out.println("nothing else would have happened");
        }
        for (WhatIf.Step step : whatIf.steps()) {
            out.println("step " + step.step() + (step.command().isEmpty() ? "" : ", " + step.command()) + ":");
            print(out, "  - ", step.recorded().isEmpty() ? List.of("nothing") : step.recorded());
            print(out, "  + ", step.instead().isEmpty() ? List.of("nothing") : step.instead());
        }
        if (!whatIf.differences().isEmpty()) {
            out.println("in the end:");
            print(out, "  ", whatIf.differences());
            out.println(Cell.of(whatIf.why()).text());
        }
        if (whatIf.undecidable() > 0) {
            out.println(
                    "from step " + whatIf.undecidable() + " on, this is not sure: something else comes of the recorded"
                            + " commands there too, since it hung on more than this file tells");
        }
    }
}
