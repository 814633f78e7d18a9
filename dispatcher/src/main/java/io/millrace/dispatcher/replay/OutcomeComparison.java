package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.replay.Difference.Kind;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what came of commands against what was recorded. Without state: any thread. */
final class OutcomeComparison {

    private final int partition;

    OutcomeComparison(int partition) {
        this.partition = partition;
    }

    /** @return what differs, nothing where not a byte does */
    Optional<Difference> compare(LogEntry entry, Executed now) {
        LoggedOutcome recorded = entry.outcome();
        if (recorded != null && recorded.value() != null && now.isRecord(recorded.value())) {
            return Optional.empty();
        }
        OutcomeRecord here = now.record();
        if (recorded == null) {
            return Optional.of(difference(
                    Kind.NO_OUTCOME,
                    false,
                    here.getCommand(),
                    entry.command(),
                    List.of("- none", "+ " + summary(here))));
        }
        OutcomeRecord there = recorded.record();
        Map<String, List<String>> differing = new OutcomeLines(there).against(new OutcomeLines(here));
        boolean byRules = there.getRulesVersion() != here.getRulesVersion();
        List<String> sides = differing.values().stream().flatMap(List::stream).toList();
        return Optional.of(difference(kind(differing.keySet()), byRules, here.getCommand(), entry.command(), sides));
    }

    private static String summary(OutcomeRecord outcome) {
        return outcome.hasRefusal()
                ? "refused, " + outcome.getRefusal().getReason() + ": "
                        + outcome.getRefusal().getText()
                : outcome.getEventsCount() + " events: "
                        + outcome.getEventsList().stream()
                                .map(event -> event.getType())
                                .toList();
    }

    private static Kind kind(Set<String> differing) {
        if (differing.contains(OutcomeLines.REFUSAL)) {
            return Kind.REFUSAL;
        }
        if (differing.stream().anyMatch(name -> name.startsWith(OutcomeLines.EVENT))) {
            return Kind.EVENTS;
        }
        if (differing.contains(OutcomeLines.TIME)) {
            return Kind.TIME;
        }
        if (differing.contains(OutcomeLines.RULES)) {
            return Kind.RULES;
        }
        if (differing.isEmpty()) {
            return Kind.FORM;
        }
        return differing.stream().allMatch(OutcomeComparison::isHash) ? Kind.HASHES : Kind.ASKED;
    }

    private static boolean isHash(String name) {
        return name.equals(OutcomeLines.PARTITION_HASH) || name.startsWith(OutcomeLines.EVENT_HASH);
    }

    /** @return an outcome that no command belongs to as a difference */
    Difference alone(LogEntry entry, long expectedOffset) {
        LoggedOutcome outcome = Objects.requireNonNull(entry.outcome(), "the outcome of an entry without a command");
        long offset = outcome.commandOffset();
        String where = "record " + outcome.offset() + " of the events topic";
        OutcomeRecord there;
        try {
            there = outcome.record();
        } catch (LogUnreadableException e) {
            return difference(
                    Kind.UNREADABLE, false, "", null, List.of("- " + where + ": " + e.getMessage(), "+ none"));
        }
        Kind kind = offset < expectedOffset ? Kind.SECOND_OUTCOME : Kind.NO_COMMAND;
        return new Difference(
                partition,
                offset,
                0,
                kind,
                false,
                there.getCommand(),
                List.of(),
                List.of("- " + where + ": " + summary(there), "+ none"));
    }

    private Difference difference(
            Kind kind, boolean byRules, String name, @Nullable LoggedCommand command, List<String> sides) {
        return command == null
                ? new Difference(partition, -1, 0, kind, byRules, name, List.of(), sides)
                : new Difference(
                        partition,
                        command.offset(),
                        command.appendedMs(),
                        kind,
                        byRules,
                        name,
                        RecordText.of(partition, command),
                        sides);
    }
}
