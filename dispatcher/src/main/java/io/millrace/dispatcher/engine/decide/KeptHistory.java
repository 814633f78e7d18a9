package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.CancellationRequested;
import io.millrace.dispatcher.engine.event.HistoryEntry.ChildFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseCreated;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseRejected;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseResolved;
import io.millrace.dispatcher.engine.event.HistoryEntry.SignalReceived;
import io.millrace.dispatcher.engine.event.HistoryEntry.TaskFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerFired;
import io.millrace.dispatcher.engine.event.HistoryEntry.TimerStarted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowCancelled;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowExecutionFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowFailed;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowStarted;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowSuspended;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a new run keeps of the history of an earlier one. SDKs match the n-th call of a sort with the n-th event of that sort, and
 * look for the end of what a call awaits by its id. So the end of a history may go, and so may any end of a task: what is issued
 * again then is what was issued first, as long as the workflow has not acted upon what goes.
 *
 * @param entries what is kept, in order, each with its time; the first is WORKFLOW_STARTED
 * @param last number of the last event that is kept, not counting what came from outside behind it
 * @param forgotten what the workflow did that is not kept
 */
public record KeptHistory(List<Kept> entries, int last, List<HistoryEntry> forgotten) {

    /**
     * An entry.
     *
     * @param timeMs when it entered the history, milliseconds since the epoch
     * @param bytes what it adds to the size of a history
     */
    public record Kept(HistoryEntry entry, long timeMs, long bytes) {}

    /**
     * @param sequence last event that is kept, where the point is one; last event that was shown, where the workflow continues as new
     * @return what is kept of the history up to the point
     */
    public static KeptHistory of(List<SealedEvent> history, Point point, int sequence) {
        List<Kept> all = history.stream().map(KeptHistory::read).toList();
        return switch (point) {
            case BEGINNING -> upTo(all, 1, false);
            case SEQUENCE -> upTo(all, sequence, true);
            case LAST_GOOD_POINT -> lastGood(all);
            case CONTINUE_AS_NEW -> untaken(all, (place, signal) -> place < sequence);
            case FIRST_OF_TYPE ->
                throw new IllegalArgumentException("expected the number of the event of a type, but got the type");
        };
    }

    /**
     * @param taken how many signals of each name the workflow has taken
     * @return what the workflow has not taken in, with which it continues as new
     */
    public static KeptHistory untaken(List<SealedEvent> history, Map<String, Integer> taken) {
        Map<String, Integer> left = new HashMap<>(taken);
        return untaken(
                history.stream().map(KeptHistory::read).toList(),
                (place, signal) -> left.merge(signal.name(), -1, Integer::sum) >= 0);
    }

    /** Its input and its state were for the run that ends. What people said to the workflow, and it has not heard yet, is for the next. */
    private static KeptHistory untaken(List<Kept> all, BiPredicate<Integer, SignalReceived> taken) {
        List<Kept> kept = new ArrayList<>(all.subList(0, 1));
        Kept cancellation = null;
        for (int i = 1; i < all.size(); i++) {
            HistoryEntry entry = all.get(i).entry();
            if (entry instanceof SignalReceived signal && !taken.test(i, signal)) {
                kept.add(all.get(i));
            } else if (entry instanceof CancellationRequested) {
                cancellation = all.get(i);
            }
        }
        if (cancellation != null) {
            kept.add(cancellation); // it is cancelled by force at its time, whichever run that meets
        }
        return new KeptHistory(kept, 1, List.of());
    }

    /**
     * @param input of the new run; null: that of the old one
     * @return bytes with which the new history begins, where all that is kept beside the beginning stays as it is
     */
    public long beginsWith(@Nullable Payload input) {
        WorkflowStarted started = (WorkflowStarted) entries.getFirst().entry();
        return (input == null ? started.input() : input).size()
                + entries.stream().skip(1).mapToLong(Kept::bytes).sum();
    }

    /** @return number of the last event before those by which the workflow ended; of one that is open, of its last */
    public static int lastBeforeEnd(List<SealedEvent> history) {
        return beforeEnd(history.stream().map(KeptHistory::read).toList());
    }

    /** @return number of the first event of the type, 0 where there is none */
    public static int firstOf(List<SealedEvent> history, String type) {
        for (SealedEvent event : history) {
            if (event.type().equals(type)) {
                return event.historySequence();
            }
        }
        return 0;
    }

    private static Kept read(SealedEvent sealed) {
        return new Kept(((HistoryAppended) EventParser.parse(sealed)).entry(), sealed.timeMs(), sealed.historyBytes());
    }

    private static int beforeEnd(List<Kept> all) {
        int end = 0;
        while (end < all.size() && !ends(all.get(end).entry())) {
            end++;
        }
        return end;
    }

    private static boolean ends(HistoryEntry entry) {
        return entry instanceof WorkflowCompleted
                || entry instanceof WorkflowExecutionFailed
                || entry instanceof WorkflowFailed
                || entry instanceof WorkflowCancelled;
    }

    /** What people and other systems said is theirs, and they would not say it again: it is kept, wherever it stands. */
    private static KeptHistory upTo(List<Kept> all, int sequence, boolean withWords) {
        List<Kept> kept = new ArrayList<>();
        List<HistoryEntry> forgotten = new ArrayList<>();
        Set<String> promises = new HashSet<>();
        for (int i = 0; i < all.size(); i++) {
            HistoryEntry entry = all.get(i).entry();
            boolean within = i < sequence;
            if (within && entry instanceof PromiseCreated promise) {
                promises.add(promise.name());
            }
            if (entry instanceof CancellationRequested || ends(entry)) {
                continue;
            }
            if (within || withWords && isWord(entry, promises)) {
                kept.add(all.get(i));
            } else {
                forgotten.add(entry);
            }
        }
        return new KeptHistory(kept, sequence, forgotten);
    }

    private static boolean isWord(HistoryEntry entry, Set<String> promises) {
        return switch (entry) {
            case SignalReceived e -> true;
            case PromiseResolved e -> promises.contains(e.name());
            case PromiseRejected e -> promises.contains(e.name());
            default -> false; // all else is the workflow's own, or comes again by itself
        };
    }

    /**
     * The last good point is the end of the last activation that did not fail, with all that came from outside since. Failures of
     * tasks and children upon which the workflow had not acted by then are forgotten.
     */
    private static KeptHistory lastGood(List<Kept> all) {
        int end = beforeEnd(all);
        int suspended = 0;
        for (int i = 0; i < end; i++) {
            suspended = all.get(i).entry() instanceof WorkflowSuspended ? i : suspended;
        }
        boolean failed = end < all.size() && all.get(end).entry() instanceof WorkflowExecutionFailed;
        int acted = failed ? lastOwn(all, suspended) : end;
        List<Kept> kept = new ArrayList<>();
        List<HistoryEntry> forgotten = new ArrayList<>();
        Set<String> begun = new HashSet<>();
        for (int i = 0; i < end; i++) {
            HistoryEntry entry = all.get(i).entry();
            boolean inLastActivation = i > suspended && !entry.external();
            boolean failure = entry instanceof TaskFailed || entry instanceof ChildFailed;
            if (inLastActivation) {
                begun.addAll(begins(entry));
            }
            boolean ofWhatIsForgotten = begun.contains(endOf(entry));
            if (inLastActivation || failure && i > acted || ofWhatIsForgotten) {
                forgotten.add(entry);
            } else if (!(entry instanceof CancellationRequested)) {
                kept.add(all.get(i));
            }
        }
        return new KeptHistory(kept, suspended + 1, forgotten);
    }

    /** @return what the entry begins that may end within the same activation */
    private static Set<String> begins(HistoryEntry entry) {
        return switch (entry) {
            case TimerStarted e -> Set.of("timer " + e.timerId());
            case PromiseCreated e -> Set.of("promise " + e.name());
            default -> Set.of(); // what others begin ends later
        };
    }

    /** @return what the entry ends, as {@link #begins} names it; the empty text where it ends nothing such */
    private static String endOf(HistoryEntry entry) {
        return switch (entry) {
            case TimerFired e -> "timer " + e.timerId();
            case PromiseResolved e -> "promise " + e.name();
            case PromiseRejected e -> "promise " + e.name();
            default -> ""; // a cancelled timer is the activation's own, and no time passes in one
        };
    }

    /** @return place of the last entry up to the place by which the workflow did something; -1: there is none */
    private static int lastOwn(List<Kept> all, int upTo) {
        for (int i = upTo; i > 0; i--) {
            HistoryEntry entry = all.get(i).entry();
            if (!entry.external() && !(entry instanceof WorkflowSuspended)) {
                return i;
            }
        }
        return 0;
    }
}
