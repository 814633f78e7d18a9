package io.millrace.ingest.standin;

import io.millrace.proto.Ids;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the dispatchers would know, put there by the test, which has to tell of what it {@link #changed()}. */
public final class MemoryReads implements Reads {

    /** Key of everything: organisation and id. */
    public record Key(UUID orgId, UUID id) {}

    /** Histories by execution. */
    public final Map<Key, HistoryView> histories = new ConcurrentHashMap<>();

    /** Executions. */
    public final Map<Key, ExecutionView> executions = new ConcurrentHashMap<>();

    /** State maps by execution. */
    public final Map<Key, WorkflowStateView> states = new ConcurrentHashMap<>();

    /** Why workflows stand where they do. */
    public final Map<Key, WhyView> whys = new ConcurrentHashMap<>();

    /** Tasks by their own id. */
    public final Map<Key, TaskView> tasks = new ConcurrentHashMap<>();

    /** Promises by key, the same for all. */
    public final Map<String, FindPromiseResponse> promises = new ConcurrentHashMap<>();

    /** Workflows by the key of their start, the same for all. */
    public final Map<String, UUID> started = new ConcurrentHashMap<>();

    /** Ready work, the same for all. */
    public volatile ListQueuesResponse queues = ListQueuesResponse.getDefaultInstance();

    /** Policies, the same for all. */
    public volatile ListPoliciesResponse policies = ListPoliciesResponse.getDefaultInstance();

    /** Questions asked so far, watches apart. */
    public final AtomicInteger asked = new AtomicInteger();

    /** Steps that watchers asked for so far. */
    public final AtomicInteger stepsAsked = new AtomicInteger();

    /** Set: watches do not know any execution, as a new owner before it has come to their start. */
    public volatile boolean forgetful;

    private static final WatchStep ENDED =
            WatchStep.newBuilder().setEnd(WatchStep.End.ENDED).build();

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();

    /** Set: every read fails of it, and watches are lost. */
    public volatile RuntimeException outage;

    @Override
    public CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId) {
        return found(histories, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId) {
        return found(executions, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId) {
        return found(states, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<WhyView>> why(UUID orgId, UUID executionId) {
        return found(whys, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId) {
        return found(tasks, orgId, taskId);
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId) {
        return found(tasks, orgId, taskId);
    }

    @Override
    public CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key) {
        return outage == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(promises.get(key)))
                : CompletableFuture.failedFuture(outage);
    }

    @Override
    public CompletableFuture<Optional<UUID>> startedUnder(UUID orgId, String key) {
        return outage == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(started.get(key)))
                : CompletableFuture.failedFuture(outage);
    }

    @Override
    public CompletableFuture<Optional<UUID>> signalledUnder(UUID orgId, String key, String signalKey) {
        return startedUnder(orgId, key);
    }

    @Override
    public CompletableFuture<Optional<UUID>> newestRun(UUID orgId, UUID executionId) {
        return execution(orgId, executionId).thenApply(found -> found.map(run -> executionId));
    }

    @Override
    public CompletableFuture<Optional<UUID>> promiseHome(UUID orgId, UUID promiseId) {
        return outage == null
                ? CompletableFuture.completedFuture(promises.values().stream()
                        .filter(promise -> promise.getPromiseId().equals(Ids.toByteString(promiseId)))
                        .findFirst()
                        .map(promise -> Ids.fromBytes(promise.getExecutionId())))
                : CompletableFuture.failedFuture(outage);
    }

    /** Wakes the watches. */
    public void changed() {
        watches.forEach(Watch::tell);
    }

    /** @return number of open watches */
    public int watched() {
        return watches.size();
    }

    @Override
    public ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener) {
        Watch watch = new Watch(request, listener);
        watches.add(watch);
        return watch;
    }

    private final class Watch implements ExecutionWatch {

        private final WatchRequest request;
        private final Consumer<WatchStep> listener;
        private int told;
        private boolean asked;

        Watch(WatchRequest request, Consumer<WatchStep> listener) {
            this.request = request;
            this.listener = listener;
            told = request.getAfter();
        }

        @Override
        public synchronized void next() {
            stepsAsked.incrementAndGet();
            asked = true;
            tell();
        }

        @Override
        public void close() {
            watches.remove(this);
        }

        synchronized void tell() {
            WatchStep step = asked && watches.contains(this) ? step() : null;
            if (step != null) {
                asked = false;
                if (step.getEnd() != WatchStep.End.OPEN) {
                    close();
                }
                listener.accept(step);
            }
        }

        private WatchStep step() {
            if (outage != null) {
                return MOVED;
            }
            if (forgetful) {
                return WatchStep.newBuilder().setEnd(WatchStep.End.UNKNOWN).build();
            }
            UUID orgId = Ids.fromBytes(request.getOrgId());
            return request.getTaskId().isEmpty()
                    ? history(new Key(orgId, Ids.fromBytes(request.getExecutionId())))
                    : task(tasks.get(new Key(orgId, Ids.fromBytes(request.getTaskId()))));
        }

        private WatchStep history(Key key) {
            if (!executions.containsKey(key)) {
                return WatchStep.newBuilder().setEnd(WatchStep.End.UNKNOWN).build();
            }
            List<EventRecord> events = histories
                    .getOrDefault(key, HistoryView.getDefaultInstance())
                    .getEventsList();
            boolean ended = executions.get(key).getClosedAtMs() != 0;
            if (!ended && (told >= events.size() || request.getOnlyEnd())) {
                return null;
            }
            if (request.getOnlyEnd()) {
                return ENDED;
            }
            WatchStep.Builder step = WatchStep.newBuilder()
                    .setEnd(ended ? WatchStep.End.ENDED : WatchStep.End.OPEN)
                    .addAllEvents(events.subList(told, events.size()));
            told = events.size();
            return step.build();
        }

        private WatchStep task(TaskView task) {
            if (task == null) {
                return WatchStep.newBuilder().setEnd(WatchStep.End.UNKNOWN).build();
            }
            boolean ended = task.getStatusValue() >= ExecutionStatus.COMPLETED_VALUE;
            int position =
                    2 * task.getExecutionCount() + (ended ? 2 : task.getStatus() == ExecutionStatus.PENDING ? 1 : 0);
            if (!ended && (position <= told || request.getOnlyEnd())) {
                return null;
            }
            if (request.getOnlyEnd()) {
                return ENDED;
            }
            told = position;
            return WatchStep.newBuilder()
                    .setEnd(ended ? WatchStep.End.ENDED : WatchStep.End.OPEN)
                    .setTask(task)
                    .setTaskPosition(position)
                    .build();
        }
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId, QueuePart.Asked asked) {
        QueuePart part = new QueuePart(asked);
        queues.getQueuesList().forEach(part::add);
        return outage == null
                ? CompletableFuture.completedFuture(part.response())
                : CompletableFuture.failedFuture(outage);
    }

    @Override
    public CompletableFuture<ListPoliciesResponse> policies(UUID orgId, @Nullable WorkSubject subject) {
        ListPoliciesResponse.Builder about = ListPoliciesResponse.newBuilder();
        policies.getPoliciesList().stream()
                .filter(policy -> subject == null || subject.equals(policy.getSubject()))
                .forEach(about::addPolicies);
        return outage == null
                ? CompletableFuture.completedFuture(about.build())
                : CompletableFuture.failedFuture(outage);
    }

    private <T> CompletableFuture<Optional<T>> found(Map<Key, T> map, UUID orgId, UUID id) {
        asked.incrementAndGet();
        return outage == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(map.get(new Key(orgId, id))))
                : CompletableFuture.failedFuture(outage);
    }
}
