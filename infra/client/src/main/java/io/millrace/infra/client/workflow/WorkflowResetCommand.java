package io.millrace.infra.client.workflow;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.JsonInput;
import io.millrace.infra.client.execution.EndingCommand;
import io.millrace.infra.client.execution.Kind;
import io.millrace.infra.client.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a workflow go on in a new run. The ways to do so differ only in how much of its history the new run keeps. */
abstract class WorkflowResetCommand extends EndingCommand {

    @Option(names = "--dry-run", description = "Only says what would happen again.")
    private boolean dryRun;

    @Mixin
    private SequenceOption seen = new SequenceOption();

    WorkflowResetCommand(Invocation around) {
        super(around, Kind.WORKFLOW);
    }

    /** @return the last part of the path */
    abstract String request();

    /** @return what the body says of it, besides the reason */
    abstract Map<String, Object> how();

    @Override
    protected final int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>(how());
        if (dryRun) {
            body.put("dryRun", true);
        }
        JsonObject answer = ask(api, seen.on(request()), body, "nothing is done");
        if (answer == null) {
            return ExitCode.STILL_OPEN;
        }
        String again = answer.objects("again").stream()
                .map(each -> each.text("what") + " " + each.text("name")
                        + each.number("times")
                                .filter(times -> times > 1)
                                .map(times -> " " + times + " times")
                                .orElse(""))
                .collect(Collectors.joining(", "));
        note(
                again.isEmpty()
                        ? nothing(dryRun)
                        : (dryRun ? "this would happen again: " : "this happens again: ") + again);
        if (!dryRun) {
            out().println(answer.text("id"));
        }
        return ExitCode.DONE;
    }

    /** @return what is said where the new run has nothing behind it that it would do twice */
    String nothing(boolean asked) {
        return "nothing that happened before happens again";
    }

    /** From where it was good. */
    @Command(
            name = "retry",
            description = {
                "Lets a workflow that has failed, or was cancelled, go on in a new run, from behind the last activation that did"
                        + " not fail.",
                "Prints the id of the new run, and says what happens again."
            })
    static final class Retry extends WorkflowResetCommand {

        Retry(Invocation around) {
            super(around);
        }

        @Override
        String request() {
            return "retry";
        }

        @Override
        Map<String, Object> how() {
            return Map.of();
        }
    }

    /** From an event. */
    @Command(
            name = "reset",
            description = {
                "Lets a workflow go on in a new run, which keeps its history up to an event. The earlier run is closed.",
                "Prints the id of the new run, and says what happens again.",
                "Exit code 7 if somebody else has to approve it first."
            })
    static final class Reset extends WorkflowResetCommand {

        @ArgGroup(multiplicity = "1")
        private Last last;

        /** The last event that is kept: by its number, or the first of a type. */
        static final class Last {

            @Option(
                    names = "--to",
                    paramLabel = "N",
                    description = "The last event that is kept, as events counts them.")
            private Integer to;

            @Option(
                    names = "--to-first",
                    paramLabel = "EVENT",
                    description = "Its type instead, such as TASK_COMPLETED; the first of them is kept last.")
            private String toFirst;
        }

        Reset(Invocation around) {
            super(around);
        }

        @Override
        String request() {
            return "reset";
        }

        @Override
        Map<String, Object> how() {
            return last.to == null ? Map.of("toFirst", last.toFirst) : Map.of("toEvent", last.to);
        }
    }

    /** From the beginning. */
    @Command(
            name = "restart",
            description = {
                "Begins a new run of a workflow, with the same input or another one. The earlier run is closed.",
                "Prints the id of the new run.",
                "Exit code 7 if somebody else has to approve it first."
            })
    static final class Restart extends WithInput {

        Restart(Invocation around) {
            super(around, "restart");
        }
    }

    /** From the beginning, with what the earlier run has not taken in. */
    @Command(
            name = "continue-as-new",
            description = {
                "Lets an open workflow continue as new: its run is closed, and a new one begins with the same input or another"
                        + " one, without a history. Signals that no worker was shown yet go with it.",
                "Prints the id of the new run.",
                "Exit code 7 if somebody else has to approve it first."
            })
    static final class ContinueAsNew extends WithInput {

        ContinueAsNew(Invocation around) {
            super(around, "continue-as-new");
        }

        /** It has no history, so it keeps nothing of what it did. */
        @Override
        String nothing(boolean asked) {
            return asked
                    ? "the new run would begin without a history: the workflow would do all of its work anew. Open tasks would"
                            + " be cancelled, and children would go on without it"
                    : "the new run begins without a history: the workflow does all of its work anew";
        }
    }

    /** What takes another input. */
    abstract static class WithInput extends WorkflowResetCommand {

        private final String request;

        @Option(
                names = {"-i", "--input"},
                paramLabel = "JSON",
                description = "Its input: JSON, or @FILE, or - for standard input. Otherwise that of the earlier run.")
        private String input;

        WithInput(Invocation around, String request) {
            super(around);
            this.request = request;
        }

        @Override
        String request() {
            return request;
        }

        @Override
        Map<String, Object> how() {
            return input == null ? Map.of() : Map.of("input", JsonInput.read("--input", input, around()));
        }
    }
}
