package io.millrace.dispatcher.reads;

import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.store.StorageClosedException;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.Views.Story;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch over an execution of this node. Whoever wakes it, the stream thread above all, only marks it; the pump reads the state
 * and tells what is new, for each watch on one thread at a time, and in order. What it tells may not be committed yet, which is
 * right because a replay gives the same events the same sequences.
 *
 * <p>Many may wait for ends, and each of their executions goes through many commands before. So where only the end is wanted,
 * nobody wakes it before.
 */
final class StateWatch implements ExecutionWatch {

    private static final Logger LOG = LoggerFactory.getLogger(StateWatch.class);
    private static final int EVENTS_OF_A_STEP = 256;
    private static final int BYTES_OF_A_STEP = 1 << 20;
    private static final WatchStep UNKNOWN = end(WatchStep.End.UNKNOWN);
    private static final WatchStep ENDED = end(WatchStep.End.ENDED);

    private final Partition partition;
    private final Executor pump;
    private final Consumer<WatchStep> listener;
    private final UUID orgId;
    private final UUID executionId;
    private final @Nullable UUID taskId;
    private final boolean onlyEnd;
    private final Runnable happened = this::wake;
    private final AtomicInteger wakes = new AtomicInteger();
    private volatile boolean asked;
    private volatile boolean ended;
    /** What has been told; the pump's. */
    private int told;

    StateWatch(Partition partition, Executor pump, WatchRequest request, Consumer<WatchStep> listener) {
        this.partition = partition;
        this.pump = pump;
        this.listener = listener;
        orgId = Ids.fromBytes(request.getOrgId());
        executionId = Ids.fromBytes(request.getExecutionId());
        taskId = Ids.fromBytesOrNull(request.getTaskId());
        onlyEnd = request.getOnlyEnd();
        told = request.getAfter();
    }

    /** Begins to listen; what happens from now on is not missed. */
    StateWatch begin() {
        if (onlyEnd) {
            partition.watches().addForEnd(executionId, taskId, happened, pump);
        } else {
            partition.watches().add(executionId, happened, pump);
        }
        return this;
    }

    @Override
    public void next() {
        asked = true;
        wake();
    }

    @Override
    public void close() {
        ended = true;
        if (onlyEnd) {
            partition.watches().removeForEnd(executionId, taskId, happened);
        } else {
            partition.watches().remove(executionId, happened);
        }
    }

    private void wake() {
        if (wakes.getAndIncrement() == 0) {
            pump.execute(this::lookUntilQuiet);
        }
    }

    private void lookUntilQuiet() {
        int seen;
        do {
            seen = wakes.get();
            lookOrEnd();
        } while (wakes.addAndGet(-seen) > 0);
    }

    /**
     * If the look fails, or the listener, what it had to tell is lost. So nothing more may be told but that the watch has ended, as it
     * is for a partition that moves: whoever watches does so anew, from where it was. And wakes are counted on.
     */
    private void lookOrEnd() {
        try {
            look();
        } catch (RuntimeException | Error e) {
            close();
            LOG.error("a watch over execution {} ends, since it failed: {}", executionId, FailureTrace.of(e));
            tellThatItEnds();
        }
    }

    private void tellThatItEnds() {
        try {
            listener.accept(MOVED);
        } catch (RuntimeException | Error e) {
            LOG.error("whoever watches execution {} cannot be told that its watch ends", executionId, e);
        }
    }

    private void look() {
        if (!asked || ended) {
            return;
        }
        WatchStep step = step();
        if (step != null) {
            asked = false;
            if (step.getEnd() != WatchStep.End.OPEN) {
                close();
            }
            listener.accept(step);
        }
    }

    /** @return what is new, null for nothing */
    private @Nullable WatchStep step() {
        if (partition.watches().closed() || !partition.tenure().reads()) {
            return MOVED;
        }
        try {
            return taskId == null ? historyStep() : taskStep(taskId);
        } catch (StorageClosedException | ReadsUnavailableException e) {
            return MOVED;
        } catch (RuntimeException e) {
            if (e instanceof StorageException) {
                partition.doubt(this::readAll);
            }
            LOG.error("a watch over execution {} failed: {}", executionId, FailureTrace.of(e));
            return MOVED;
        }
    }

    private void readAll() {
        if (taskId == null) {
            story(0);
        } else {
            task(taskId);
        }
    }

    private Optional<Story<Execution>> story(int after) {
        return partition
                .views()
                .story(
                        state -> StateReads.workflow(state.standing(executionId), orgId),
                        Function.identity(),
                        after,
                        executionId);
    }

    private Optional<TaskView> task(UUID id) {
        return StateReads.task(partition, orgId, executionId, id);
    }

    private @Nullable WatchStep historyStep() {
        Optional<Story<Execution>> found = story(onlyEnd ? Integer.MAX_VALUE : told);
        if (found.isEmpty()) {
            return UNKNOWN;
        }
        WatchStep.Builder step = WatchStep.newBuilder();
        int bytes = 0;
        for (SealedEvent event : found.get().history()) {
            if (step.getEventsCount() == EVENTS_OF_A_STEP || bytes > BYTES_OF_A_STEP) {
                break;
            }
            step.addEvents(OutcomeEncoder.encode(event));
            bytes += event.data().length;
        }
        if (step.getEventsCount() > 0) {
            told += step.getEventsCount();
            return step.build(); // whether that was all is seen when the next step is asked for
        }
        return found.get().view().closedMs() == 0 ? null : ENDED;
    }

    private @Nullable WatchStep taskStep(UUID id) {
        Optional<TaskView> found = task(id);
        if (found.isEmpty()) {
            return UNKNOWN;
        }
        TaskView task = found.get();
        boolean over = ended(task.getStatus());
        if (onlyEnd) {
            return over ? ENDED : null;
        }
        int position = position(task.getStatus(), task.getExecutionCount());
        if (position <= told && !over) {
            return null;
        }
        told = position;
        return WatchStep.newBuilder()
                .setEnd(over ? WatchStep.End.ENDED : WatchStep.End.OPEN)
                .setTask(task.toBuilder().clearInput().clearState().clearLog())
                .setTaskPosition(position)
                .build();
    }

    private static boolean ended(ExecutionStatus status) {
        return switch (status) {
            case COMPLETED, FAILED, CANCELLED, CONTINUED_AS_NEW -> true;
            case PENDING, WAITING, RUNNING, EXECUTION_STATUS_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    private static int position(ExecutionStatus status, int attempts) {
        return 2 * attempts + (ended(status) ? 2 : status == ExecutionStatus.RUNNING ? 0 : 1);
    }

    private static WatchStep end(WatchStep.End end) {
        return WatchStep.newBuilder().setEnd(end).build();
    }
}
