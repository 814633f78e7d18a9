package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowSuspended;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Promise;
import io.millrace.dispatcher.engine.state.Task;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Why an execution stands where it does: one sentence, and the facts. It tells what the state tells; which workers are there is
 * for others to know.
 *
 * @param sentence for people
 * @param facts the execution as a tree, with what woke it last
 */
public record Why(String sentence, Map<String, Object> facts) {

    /** Events by which a workflow that waits goes on. */
    private static final Set<String> WAKING = Set.of(
            "WORKFLOW_STARTED",
            "TASK_COMPLETED",
            "TASK_FAILED",
            "PROMISE_RESOLVED",
            "PROMISE_REJECTED",
            "PROMISE_TIMEOUT",
            "TIMER_FIRED",
            "CHILD_WORKFLOW_COMPLETED",
            "CHILD_WORKFLOW_FAILED",
            "SIGNAL_RECEIVED",
            "CANCELLATION_REQUESTED");

    private static final int FEW = 5;

    /**
     * Explains an execution.
     *
     * @param tasks finds its tasks by their ids; null for one that is not there
     * @param history its history, ascending; the end of it is enough
     * @param held what holds ready work of it back
     */
    public static Why of(Execution execution, Function<UUID, Task> tasks, List<SealedEvent> history, HeldBack held) {
        Map<String, Object> facts = ExecutionTree.of(execution, tasks);
        JsonTree.put(
                facts,
                "heldBack",
                HeldBack.trees(Stream.concat(
                        held.of(execution).stream(),
                        execution.openTasks().stream()
                                .map(tasks)
                                .filter(Objects::nonNull)
                                .flatMap(task -> held.of(task).stream()))));
        for (SealedEvent event : history.reversed()) {
            if (WAKING.contains(event.type())) {
                Map<String, Object> woken = new LinkedHashMap<>();
                woken.put("by", event.type());
                woken.put("at", JsonTree.time(event.timeMs()));
                facts.put("wokenLast", woken);
                break;
            }
        }
        boolean standalone = execution.header().standaloneTask();
        Task own = standalone ? tasks.apply(execution.id()) : null;
        return new Why(
                own == null ? workflow(execution, tasks, said(history), held) : "The task " + task(own, held) + ".",
                facts);
    }

    /** Explains a task of a workflow, as far as the task itself tells. */
    public static Why of(Task task) {
        return new Why("The task " + task(task, HeldBack.BY_NOTHING) + ".", ExecutionTree.of(task));
    }

    /**
     * @param before how it stood at times, ascending.
     *
     * @return why it is not there
     */
    static Why gone(List<Map<String, Object>> before) {
        if (before.isEmpty()) {
            return new Why("It was never there: each request about it was refused.", Map.of());
        }
        Map<String, Object> last = before.getLast();
        Object ended = last.getOrDefault("closed", last.get("ended"));
        String how = ended == null
                ? "It was " + last.get("status") + " when its workflow, which had ended, left the state"
                : "It ended as " + last.get("status") + " at " + ended + ", and has left the state";
        return new Why(how + " since the retention is over; history tells all of it.", last);
    }

    /** @return what the worker said that the workflow waits for when it last suspended; empty if it said nothing */
    private static String said(List<SealedEvent> history) {
        for (SealedEvent event : history.reversed()) {
            if (event.type().equals("WORKFLOW_SUSPENDED")
                    && EventParser.parse(event) instanceof HistoryAppended appended
                    && appended.entry() instanceof WorkflowSuspended suspended) {
                return suspended.reason();
            }
        }
        return "";
    }

    private static String workflow(Execution e, Function<UUID, Task> tasks, String said, HeldBack held) {
        return (e.paused() ? paused(e) : "")
                + stands(e, tasks, said, held)
                + grown(e)
                + (e.successorId() == null ? "" : " It goes on as " + e.successorId() + ".");
    }

    private static String stands(Execution e, Function<UUID, Task> tasks, String said, HeldBack held) {
        return switch (e.status()) {
            case COMPLETED -> "The workflow completed at " + JsonTree.time(e.closedMs()) + ".";
            case FAILED -> "The workflow failed at " + JsonTree.time(e.closedMs()) + ": " + e.error() + ".";
            case CANCELLED ->
                "The workflow was "
                        + (e.terminatedBy().isEmpty() ? "cancelled" : "terminated by " + e.terminatedBy())
                        + " at " + JsonTree.time(e.closedMs()) + why(e) + ".";
            case CONTINUED_AS_NEW -> "The workflow continued as new at " + JsonTree.time(e.closedMs()) + ".";
            case RUNNING ->
                "Worker " + e.workerId() + " has the workflow, until " + JsonTree.time(e.leaseUntilMs())
                        + " at the latest" + rounds(e) + "." + cancellation(e);
            case PENDING -> pending(e, held) + rounds(e) + "." + cancellation(e);
            case WAITING -> waiting(e, tasks, held) + told(said) + cancellation(e);
        };
    }

    /** @return a warning where an open workflow comes near the limit that histories have unless the settings say otherwise */
    private static String grown(Execution e) {
        return e.status().terminal() || e.historyBytes() <= Rules.MAX_HISTORY_BYTES / 4 * 3
                ? ""
                : " Its history is long: " + e.historyBytes() + " bytes in " + e.lastSequence()
                        + " events. It fails at the limit (limits.history_bytes), so let it continue as new.";
    }

    /** @return why it was cancelled or terminated; empty where nobody said */
    private static String why(Execution e) {
        String reason = Objects.requireNonNullElse(e.error(), "");
        if (!e.terminatedBy().isEmpty()) {
            reason = reason.replaceFirst("^Terminated: ", "");
        }
        return reason.isBlank() ? "" : ", because: " + reason;
    }

    private static String told(String said) {
        return said.isBlank() ? "" : " Its worker says: " + said + ".";
    }

    private static String paused(Execution e) {
        return "It is paused since " + JsonTree.time(e.pausedMs()) + " by " + e.pausedBy()
                + (e.pauseReason().isEmpty() ? "" : ", because: " + e.pauseReason())
                + "; nothing of it is handed out until it is resumed. ";
    }

    private static String cancellation(Execution e) {
        return e.cancelAtMs() == 0
                ? ""
                : " It was asked to cancel, and is cancelled by force at " + JsonTree.time(e.cancelAtMs())
                        + " if it has not ended by then.";
    }

    private static String pending(Execution e, HeldBack held) {
        if (e.retryAtMs() != 0) {
            return "The workflow is handed out again at " + JsonTree.time(e.retryAtMs())
                    + ", since its worker's submission was discarded";
        }
        if (e.paused()) {
            return "The workflow would be handed out";
        }
        List<HeldBack.Hold> holds = held.of(e);
        if (!holds.isEmpty()) {
            return "The workflow has been ready in queue " + e.header().queue() + " since "
                    + JsonTree.time(e.readySinceMs()) + ", and is not handed out, since " + HeldBack.text(holds);
        }
        return "The workflow has been ready in queue " + e.header().queue() + " since "
                + JsonTree.time(e.readySinceMs()) + ", and no worker that knows kind "
                + e.header().kind() + " has taken it";
    }

    /** Whether it goes round in a circle. */
    private static String rounds(Execution e) {
        List<String> rounds = new ArrayList<>();
        if (e.deliveries() > 1) {
            rounds.add(e.deliveries() + " deliveries of " + e.maxDeliveries() + " without a submission");
        }
        if (e.staleRounds() > 0) {
            rounds.add(e.staleRounds() + " submissions in a row discarded as stale");
        }
        if (e.refusedRounds() > 0) {
            rounds.add(e.refusedRounds() + " submissions in a row refused, the last one because: " + e.refusal());
        }
        return rounds.isEmpty() ? "" : "; it comes back again and again: " + String.join(", ", rounds);
    }

    private static String waiting(Execution e, Function<UUID, Task> tasks, HeldBack held) {
        List<String> reasons = new ArrayList<>();
        for (UUID id : e.openTasks()) {
            Task task = tasks.apply(id);
            if (task != null) {
                reasons.add("task " + id + ", which " + task(task, held));
            }
        }
        e.timers().forEach((id, dueMs) -> {
            if (dueMs != 0) {
                reasons.add("timer " + id + ", due at " + JsonTree.time(dueMs));
            }
        });
        for (Promise promise : e.promises()) {
            if (!promise.settled()) {
                reasons.add("promise " + promise.name()
                        + (promise.timeoutAtMs() == 0
                                ? ""
                                : ", which times out at " + JsonTree.time(promise.timeoutAtMs())));
            }
        }
        for (Child child : e.children()) {
            if (!child.closed()) {
                reasons.add("child " + child.name() + " (" + child.id() + ")");
            }
        }
        if (reasons.isEmpty()) {
            return "The workflow waits, and no task, timer, promise or child of it is open: only a signal or a cancellation lets it go on.";
        }
        int more = reasons.size() - FEW;
        return "The workflow waits for " + String.join("; for ", reasons.subList(0, Math.min(FEW, reasons.size())))
                + (more > 0 ? "; and for " + more + " more" : "") + ".";
    }

    private static String task(Task task, HeldBack held) {
        String attempt = "attempt " + Math.max(1, task.attempt()) + " of " + most(task);
        String error = task.error() == null ? "" : ", after the error: " + task.error();
        return switch (task.status()) {
            case RUNNING ->
                "worker " + task.workerId() + " has until " + JsonTree.time(task.leaseUntilMs()) + " at the latest ("
                        + attempt + ")" + error;
            case COMPLETED -> "completed at " + JsonTree.time(task.completedMs());
            case FAILED -> "failed at " + JsonTree.time(task.completedMs()) + ": " + task.error();
            case CANCELLED -> "was cancelled at " + JsonTree.time(task.completedMs());
            case CONTINUED_AS_NEW ->
                throw new IllegalStateException("expected a status that a task may have, but got " + task.status());
            case PENDING, WAITING ->
                task.readyAtMs() != 0
                        ? "is not handed out before " + JsonTree.time(task.readyAtMs()) + " (" + task.attempt() + " of "
                                + most(task) + " attempts made)" + error
                        : "has been ready in queue " + task.queue() + " since " + JsonTree.time(task.readySinceMs())
                                + (held.of(task).isEmpty()
                                        ? ", and no worker that knows kind " + task.kind() + " has taken it"
                                        : ", and is not handed out, since " + HeldBack.text(held.of(task)))
                                + error;
        };
    }

    private static long most(Task task) {
        return 1L + task.attemptsBefore() + task.maxRetries();
    }

    /** @return the sentence and the facts as one tree */
    public Map<String, Object> tree() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("sentence", sentence);
        tree.put("facts", facts);
        return tree;
    }

    /** @return the facts as JSON */
    public byte[] factsJson() {
        return JsonTree.json(facts).getBytes(StandardCharsets.UTF_8);
    }
}
