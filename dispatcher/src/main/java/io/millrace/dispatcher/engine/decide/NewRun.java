package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command.BindPromiseKey;
import io.millrace.dispatcher.engine.command.Command.ContinueChild;
import io.millrace.dispatcher.engine.command.Command.FreePromiseKey;
import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.decide.Answer.Again;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.Event.KeyBound;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.TaskReady;
import io.millrace.dispatcher.engine.event.Event.WorkflowPaused;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.*;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.dispatcher.engine.state.Promise;
import io.millrace.proto.Shards;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run of a workflow that begins with what it keeps of an earlier one. Tasks and promises get ids of their own, since those of the
 * earlier run are found by theirs; SDKs take both from the history. Children go on under the ids that they have.
 */
public final class NewRun {

    private final Draft draft;
    private final Execution old;
    private final ResetWorkflow command;
    private final UUID id;
    private final KeptHistory kept;
    private final Set<UUID> endedTasks = new HashSet<>();
    private final Set<UUID> endedChildren = new HashSet<>();
    private final Set<String> settledPromises = new HashSet<>();
    private final Map<UUID, TaskScheduled> openTasks = new LinkedHashMap<>();
    private final Map<UUID, ChildInitiated> openChildren = new LinkedHashMap<>();
    private final List<PromiseCreated> openPromises = new ArrayList<>();
    private int sequence;

    /** Prepares the run; nothing is added to the draft yet. */
    public NewRun(Draft draft, Execution old, ResetWorkflow command, KeptHistory kept) {
        this.draft = draft;
        this.old = old;
        this.command = command;
        this.id = command.newExecutionId();
        this.kept = kept;
        kept.entries().forEach(each -> noteEnd(each.entry()));
        kept.entries().forEach(each -> noteOpen(each.entry()));
    }

    private void noteEnd(HistoryEntry entry) {
        switch (entry) {
            case TaskCompleted e -> endedTasks.add(e.taskId());
            case TaskFailed e -> endedTasks.add(e.taskId());
            case ChildCompleted e -> endedChildren.add(e.childId());
            case ChildFailed e -> endedChildren.add(e.childId());
            case PromiseResolved e -> settledPromises.add(e.name());
            case PromiseRejected e -> settledPromises.add(e.name());
            case PromiseTimedOut e -> settledPromises.add(e.name());
            default -> {} // all others end nothing
        }
    }

    private void noteOpen(HistoryEntry entry) {
        switch (entry) {
            case TaskScheduled e when !endedTasks.contains(e.taskId()) -> openTasks.put(e.taskId(), e);
            case ChildInitiated e when !endedChildren.contains(e.childId()) -> openChildren.put(e.childId(), e);
            case PromiseCreated e when !settledPromises.contains(e.name()) -> openPromises.add(e);
            default -> {} // all others have ended, or have no end
        }
    }

    /** @return what happens again that has happened before, or had begun */
    public List<Again> again() {
        Map<Again, Integer> times = new LinkedHashMap<>();
        openTasks.values().forEach(task -> count(times, "task", task.kind()));
        openChildren.forEach((childId, child) -> {
            if (runsAgain(childId)) {
                count(times, "child", child.name());
            }
        });
        for (HistoryEntry entry : kept.forgotten()) {
            switch (entry) {
                case OperationCompleted e -> count(times, "operation", e.name());
                case TaskScheduled e -> count(times, "task", e.kind());
                case ChildInitiated e -> count(times, "child", e.name());
                default -> {} // of all others nobody outside of the workflow can tell
            }
        }
        return times.entrySet().stream()
                .map(each -> new Again(each.getKey().what(), each.getKey().name(), each.getValue()))
                .toList();
    }

    private static void count(Map<Again, Integer> times, String what, String name) {
        times.merge(new Again(what, name, 0), 1, Integer::sum);
    }

    /** Its parent may never have heard how a child ended, if it had ended itself by then. The child knows. */
    private boolean runsAgain(UUID childId) {
        Child child = old.child(childId);
        return child != null && child.closed();
    }

    /** Adds all of it to the draft. */
    public void begin() {
        kept.entries().forEach(each -> append(copy(each)));
        openTasks.keySet().forEach(taskId -> draft.event(new TaskReady(id, task(taskId), Cause.STARTED)));
        draft.event(new WorkflowReady(id, Cause.RESET, draft.now()));
        if (command.point() == Point.CONTINUE_AS_NEW && old.paused()) {
            // Nobody has resumed the workflow. A run that is reset is to go on, and its history tells what it may do.
            draft.event(new WorkflowPaused(id, old.pauseReason(), old.pausedBy()));
        }
        openChildren.forEach(this::goOn);
        bindKeys();
        bindKey();
    }

    /** Who asks by the key finds the new run, unless the key has gone to another workflow meanwhile. */
    private void bindKey() {
        String key = old.header().idempotencyKey();
        if (key.isEmpty()) {
            return;
        }
        KeyBinding binding = draft.state().key(KeyUse.WORKFLOW, orgId(), key);
        if (binding == null || binding.targetId().equals(old.id())) {
            draft.event(new KeyBound(
                    id,
                    KeyUse.WORKFLOW,
                    orgId(),
                    key,
                    id,
                    old.header().kind(),
                    Math.max(binding == null ? 0 : binding.expiresMs(), draft.now() + command.keyTtlMs())));
        }
    }

    /** @return ids of the children that go on as children of this run */
    public Set<UUID> children() {
        return new LinkedHashSet<>(openChildren.keySet());
    }

    private void append(HistoryEntry entry) {
        draft.event(new HistoryAppended(id, orgId(), ++sequence, entry));
    }

    private HistoryEntry copy(KeptHistory.Kept each) {
        return switch (each.entry()) {
            case WorkflowStarted e ->
                new WorkflowStarted(
                        e.kind(),
                        command.input() == null ? e.input() : command.input(),
                        e.metadata(),
                        e.queue(),
                        e.prioritySeconds(),
                        e.workflowVersion(),
                        e.workflowDefinitionId(),
                        e.idempotencyKey(),
                        old.header().retentionMs(),
                        command.parentExecutionId() == null ? e.parentExecutionId() : command.parentExecutionId(),
                        e.childExecutionName(),
                        old.id(),
                        firstRun(),
                        e.origin(),
                        trace(e.traceparent()));
            case TaskScheduled e ->
                new TaskScheduled(
                        task(e.taskId()), e.kind(), e.input(), e.queue(), e.maxRetries(), e.timeoutMs(), e.metadata());
            case TaskCompleted e -> new TaskCompleted(task(e.taskId()), e.output());
            case TaskFailed e -> new TaskFailed(task(e.taskId()), e.error(), e.cancelled());
            case PromiseCreated e ->
                new PromiseCreated(
                        promise(e.name()), e.name(), e.timeoutMs(), e.idempotencyKey(), since(e.sinceMs(), each));
            case PromiseResolved e -> new PromiseResolved(promise(e.name()), e.name(), e.value());
            case PromiseRejected e -> new PromiseRejected(promise(e.name()), e.name(), e.error());
            case PromiseTimedOut e -> new PromiseTimedOut(promise(e.name()), e.name());
            case TimerStarted e -> new TimerStarted(e.timerId(), e.durationMs(), since(e.sinceMs(), each));
            case ChildInitiated e -> new ChildInitiated(e.name(), e.kind(), child(e.childId()), e.input());
            default -> each.entry(); // the others name nothing that has another name now
        };
    }

    /** Who runs a workflow again by a call of a trace will look for it there. One that goes on as new belongs to its own. */
    private String trace(String before) {
        boolean asked =
                command.point() != Point.CONTINUE_AS_NEW && !draft.traceparent().isEmpty();
        return asked ? draft.traceparent() : before;
    }

    /** Its time runs from when it began first, over any number of runs. */
    private static long since(long earlierMs, KeptHistory.Kept each) {
        return earlierMs > 0 ? earlierMs : each.timeMs();
    }

    /** A parent goes on to know its child by the first of its runs. Who is a parent now knows this one. */
    private @Nullable UUID firstRun() {
        boolean ofOldParent =
                command.parentExecutionId() == null && old.header().parentExecutionId() != null;
        return ofOldParent ? old.header().knownAs() : null;
    }

    private UUID orgId() {
        return old.header().orgId();
    }

    private UUID task(UUID oldId) {
        return DerivedIds.derive(id, "task/" + oldId);
    }

    private UUID promise(String name) {
        return DerivedIds.derive(id, "promise/" + name);
    }

    private UUID child(UUID childId) {
        return openChildren.containsKey(childId) && runsAgain(childId) ? DerivedIds.run(id, childId) : childId;
    }

    private void goOn(UUID childId, ChildInitiated child) {
        boolean again = runsAgain(childId);
        if (!again && !old.status().terminal()) {
            return; // it tells the earlier run of its end, which passes that on
        }
        draft.send(
                orgId(),
                Shards.of(childId),
                new ContinueChild(
                        childId,
                        again ? child(childId) : null,
                        id,
                        child.name(),
                        command.point() == Point.LAST_GOOD_POINT ? Point.LAST_GOOD_POINT : Point.BEGINNING,
                        command.reason(),
                        command.keyTtlMs()),
                trace(""));
    }

    /** A key is bound to one promise at a time, so that of the earlier run has to go first. */
    private void bindKeys() {
        for (PromiseCreated promise : openPromises) {
            if (!promise.idempotencyKey().isEmpty()) {
                int shard = Shards.of(orgId(), promise.idempotencyKey());
                Promise before = old.promise(promise.name());
                draft.send(
                        orgId(),
                        shard,
                        new FreePromiseKey(
                                promise.idempotencyKey(),
                                Objects.requireNonNull(before, "promise of the earlier run")
                                        .id()));
                draft.send(
                        orgId(),
                        shard,
                        new BindPromiseKey(
                                promise.idempotencyKey(),
                                id,
                                promise(promise.name()),
                                promise.name(),
                                command.keyTtlMs()));
            }
        }
    }
}
