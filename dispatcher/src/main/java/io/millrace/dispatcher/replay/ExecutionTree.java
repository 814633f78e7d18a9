package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Header;
import io.millrace.dispatcher.engine.state.Promise;
import io.millrace.dispatcher.engine.state.Task;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An execution as it stands, as a tree: what it is, who has it, and what it waits for. What is not so is left out. */
final class ExecutionTree {

    private ExecutionTree() {}

    /** @param tasks finds tasks of the execution by their ids; null for one that is not there */
    static Map<String, Object> of(Execution execution, Function<UUID, @Nullable Task> tasks) {
        return ofTrees(execution, id -> {
            Task task = tasks.apply(id);
            return task == null ? null : of(task);
        });
    }

    /** @param tasks gives the trees of tasks by their ids; null for one that is not there */
    static Map<String, Object> ofTrees(Execution execution, Function<UUID, @Nullable Map<String, Object>> tasks) {
        Header header = execution.header();
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", header.id().toString());
        tree.put("type", header.standaloneTask() ? "task" : "workflow");
        tree.put("organisation", header.orgId().toString());
        tree.put("kind", header.kind());
        tree.put("queue", header.queue());
        tree.put("status", execution.status().name());
        JsonTree.put(tree, "created", JsonTree.time(header.createdMs()));
        JsonTree.put(tree, "closed", JsonTree.time(execution.closedMs()));
        JsonTree.put(tree, "workflowVersion", header.work().workflowVersion());
        JsonTree.put(tree, "idempotencyKey", header.idempotencyKey());
        JsonTree.put(tree, "prioritySeconds", header.work().prioritySeconds());
        JsonTree.put(tree, "parent", text(header.parentExecutionId()));
        JsonTree.put(tree, "nameAsChild", header.parent().childName());
        JsonTree.put(tree, "resetFrom", text(header.resetFrom()));
        JsonTree.put(tree, "traceparent", header.traceparent());
        JsonTree.put(tree, "resetTo", text(execution.successorId()));
        JsonTree.put(tree, "metadata", new LinkedHashMap<>(header.work().metadata()));
        JsonTree.put(tree, "input", header.input());
        JsonTree.put(tree, "output", execution.output());
        JsonTree.put(tree, "error", execution.error());
        JsonTree.put(tree, "terminatedBy", execution.terminatedBy());
        tree.put("events", execution.chainSequence());
        tree.put("historyLength", execution.lastSequence());
        if (!header.standaloneTask()) {
            work(execution, tree);
            waits(execution, tree);
        }
        JsonTree.put(
                tree,
                "tasks",
                execution.openTasks().stream()
                        .map(tasks)
                        .filter(task -> task != null)
                        .toList());
        JsonTree.put(tree, "state", new LinkedHashMap<>(execution.values()));
        return tree;
    }

    private static @Nullable String text(@Nullable UUID id) {
        return id == null ? null : id.toString();
    }

    private static void work(Execution execution, Map<String, Object> tree) {
        JsonTree.put(tree, "readySince", JsonTree.time(execution.readySinceMs()));
        if (execution.claimId() != null) {
            tree.put(
                    "lease",
                    lease(
                            execution.workerId(),
                            execution.holder(),
                            execution.claimId(),
                            execution.leaseUntilMs(),
                            execution.graceMs() != 0));
        }
        JsonTree.put(tree, "deliveries", execution.deliveries());
        JsonTree.put(tree, "mostDeliveries", execution.deliveries() == 0 ? 0 : execution.maxDeliveries());
        JsonTree.put(tree, "retryAt", JsonTree.time(execution.retryAtMs()));
        JsonTree.put(tree, "staleRounds", execution.staleRounds());
        JsonTree.put(tree, "refusedRounds", execution.refusedRounds());
        JsonTree.put(tree, "refusal", execution.refusal());
        JsonTree.put(tree, "signals", execution.signals());
        JsonTree.put(tree, "annotations", execution.annotations());
        JsonTree.put(tree, "pausedSince", JsonTree.time(execution.pausedMs()));
        JsonTree.put(tree, "pausedBy", execution.pausedBy());
        JsonTree.put(tree, "pauseReason", execution.pauseReason());
        JsonTree.put(tree, "cancelledByForceAt", JsonTree.time(execution.cancelAtMs()));
    }

    private static Map<String, Object> lease(
            String worker, @Nullable Holder holder, UUID claim, long untilMs, boolean moved) {
        Map<String, Object> lease = new LinkedHashMap<>();
        lease.put("worker", worker);
        JsonTree.put(lease, "heldBy", holder == null ? null : holder.who().id());
        lease.put("claim", claim.toString());
        JsonTree.put(lease, "until", JsonTree.time(untilMs));
        if (moved) {
            lease.put("movedByServer", true);
        }
        return lease;
    }

    private static void waits(Execution execution, Map<String, Object> tree) {
        List<Object> timers = new ArrayList<>();
        execution.timers().forEach((id, dueMs) -> {
            if (dueMs != 0) {
                timers.add(map("id", id, "due", Instant.ofEpochMilli(dueMs).toString()));
            }
        });
        JsonTree.put(tree, "timers", timers);
        List<Object> promises = new ArrayList<>();
        for (Promise promise : execution.promises()) {
            if (!promise.settled()) {
                Map<String, Object> open = map("id", promise.id().toString(), "name", promise.name());
                JsonTree.put(open, "timeout", JsonTree.time(promise.timeoutAtMs()));
                JsonTree.put(open, "key", promise.idempotencyKey());
                promises.add(open);
            }
        }
        JsonTree.put(tree, "promises", promises);
        List<Object> children = new ArrayList<>();
        for (Child child : execution.children()) {
            if (!child.closed()) {
                children.add(map("id", child.id().toString(), "name", child.name()));
            }
        }
        JsonTree.put(tree, "children", children);
    }

    private static Map<String, Object> map(String name, Object value, String other, Object otherValue) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(name, value);
        map.put(other, otherValue);
        return map;
    }

    static Map<String, Object> of(Task task) {
        Map<String, Object> tree = map("id", task.id().toString(), "kind", task.kind());
        tree.put("queue", task.queue());
        tree.put("status", task.status().name());
        JsonTree.put(tree, "attempt", task.attempt());
        tree.put("mostAttempts", 1L + task.attemptsBefore() + task.maxRetries());
        JsonTree.put(tree, "readySince", task.ready() ? JsonTree.time(task.readySinceMs()) : null);
        JsonTree.put(tree, "notBefore", JsonTree.time(task.readyAtMs()));
        if (task.claimId() != null) {
            tree.put(
                    "lease",
                    lease(task.workerId(), task.holder(), task.claimId(), task.leaseUntilMs(), task.graceMs() != 0));
        }
        JsonTree.put(tree, "deadline", JsonTree.time(task.deadlineMs()));
        JsonTree.put(tree, "ended", JsonTree.time(task.completedMs()));
        JsonTree.put(tree, "output", task.output());
        JsonTree.put(tree, "lastError", task.error());
        JsonTree.put(tree, "refusal", task.refusal());
        JsonTree.put(tree, "progressDetails", task.progressDetails());
        return tree;
    }
}
