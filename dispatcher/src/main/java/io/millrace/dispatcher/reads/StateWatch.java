package io.millrace.dispatcher.reads;

import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.codec.ViewEncoder;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.engine.store.StorageClosedException;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.StoreGate;
import io.millrace.proto.FailurePlaces;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A watch over an execution of this node. Whoever wakes it, the stream thread above all, only marks it; the pump's thread
 * reads the state and tells what is new. What it tells may not be committed yet, which is right because a replay gives the
 * same events the same sequences.
 *
 * <p>Many may wait for ends, and each of their executions goes through many commands before. So where only the end is wanted, the
 * stream thread looks for itself whether a workflow is still open, which costs it less than to wake the pump.
 */
final class StateWatch implements ExecutionWatch {

    private static final Logger LOG = LoggerFactory.getLogger(StateWatch.class);
    private static final int EVENTS_OF_A_STEP = 256;
    private static final int BYTES_OF_A_STEP = 1 << 20;
    private static final WatchStep UNKNOWN = end(WatchStep.End.UNKNOWN);
    private static final WatchStep ENDED = end(WatchStep.End.ENDED);

    private final Partition partition;
    private final ScheduledExecutorService pump;
    private final Consumer<WatchStep> listener;
    private final UUID orgId;
    private final UUID executionId;
    private final @Nullable UUID taskId;
    private final boolean onlyEnd;
    private final Runnable happened = this::happened;
    private final AtomicInteger wakes = new AtomicInteger();
    private volatile boolean asked;
    private volatile boolean ended;
    /** What has been told; the pump's. */
    private int told;

    StateWatch(Partition partition, ScheduledExecutorService pump, WatchRequest request, Consumer<WatchStep> listener) {
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
        partition.watches().add(executionId, happened);
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
        partition.watches().remove(executionId, happened);
    }

    private void happened() {
        if (!onlyEnd || taskId != null || !isOpen()) {
            wake();
        }
    }

    /** @return whether the workflow is known to be open without a look into a store; there is nothing to tell then */
    private boolean isOpen() {
        if (partition.watches().closed() || !partition.tenure().reads()) {
            return false;
        }
        try {
            Execution execution = StoreGate.shut(() -> partition.state().view(executionId));
            return execution != null && execution.closedMs() == 0;
        } catch (RuntimeException e) {
            return false; // whoever looks then finds out, and says what is wrong
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
            look();
        } while (wakes.addAndGet(-seen) > 0);
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
            long turns = partition.turns();
            Execution execution = partition.state().view(executionId);
            if (execution == null || !execution.header().orgId().equals(orgId)) {
                return UNKNOWN;
            }
            return taskId == null ? historyStep(execution, turns) : taskStep(execution, turns);
        } catch (StorageClosedException e) {
            return MOVED;
        } catch (RuntimeException e) {
            if (e instanceof StorageException) {
                partition.doubt(this::readAll);
            }
            LOG.error("a watch over execution {} failed: {}", executionId, FailurePlaces.of(e));
            return MOVED;
        }
    }

    private void readAll() {
        Execution execution = partition.state().view(executionId);
        if (execution != null) {
            if (taskId == null) {
                partition.state().history(execution, 0);
            } else {
                partition.state().viewTask(execution, taskId);
            }
        }
    }

    private @Nullable WatchStep historyStep(Execution execution, long turns) {
        if (execution.header().standaloneTask()) {
            return UNKNOWN;
        }
        boolean closed = execution.closedMs() != 0;
        if (onlyEnd) {
            return closed ? ended(turns) : null;
        }
        List<SealedEvent> events = partition.state().history(execution, told);
        WatchStep.Builder step = WatchStep.newBuilder();
        int bytes = 0;
        for (SealedEvent event : events) {
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
        if (!closed) {
            return null;
        }
        return ended(turns);
    }

    private @Nullable WatchStep ended(long turns) {
        return settled(turns) ? ENDED : lookAgain();
    }

    private @Nullable WatchStep taskStep(Execution home, long turns) {
        Task task = partition.state().viewTask(home, Objects.requireNonNull(taskId, "task"));
        if (task == null) {
            return UNKNOWN;
        }
        Status status = task.status();
        if (onlyEnd) {
            return status.terminal() ? ended(turns) : null;
        }
        int position = position(status, task.attempt());
        if (position <= told && !status.terminal()) {
            return null;
        }
        WatchStep step = WatchStep.newBuilder()
                .setEnd(status.terminal() ? WatchStep.End.ENDED : WatchStep.End.OPEN)
                .setTask(ViewEncoder.task(home, task).toBuilder()
                        .clearInput()
                        .clearState()
                        .clearLog())
                .setTaskPosition(position)
                .build();
        if (!settled(turns)) {
            return lookAgain();
        }
        told = position;
        return step;
    }

    private static int position(Status status, int attempts) {
        return switch (status) {
            case PENDING, WAITING -> 2 * attempts + 1;
            case RUNNING -> 2 * attempts;
            case COMPLETED, FAILED, CANCELLED -> 2 * attempts + 2;
        };
    }

    /** @return whether no command was being carried out since then, so that what was read belongs together */
    private boolean settled(long turns) {
        return turns % 2 == 0 && partition.turns() == turns;
    }

    private @Nullable WatchStep lookAgain() {
        pump.schedule(this::wake, 1, TimeUnit.MILLISECONDS);
        return null;
    }

    private static WatchStep end(WatchStep.End end) {
        return WatchStep.newBuilder().setEnd(end).build();
    }
}
