package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be woken when something happens to an execution of a partition, or when it ends. Whoever registers first and reads the
 * state then misses nothing. However many watch one execution, to add or remove one takes the same time, and so does what the
 * stream thread does for them; those that want the end alone cost it nothing until then. Any thread.
 */
public final class Watches {

    /** So many of one execution are woken at once: to wake another thread for them would cost as much. */
    private static final int FEW = 4;

    private final Map<UUID, Group> byExecution = new ConcurrentHashMap<>();
    /** By the workflow or the task that is to end. */
    private final Map<UUID, Group> ends = new ConcurrentHashMap<>();

    private volatile boolean closed;

    Watches() {}

    /** Those who watch the same. */
    private static final class Group implements Runnable {

        private final Executor elsewhere;
        private final Set<Runnable> wakes = ConcurrentHashMap.newKeySet(1);
        private final AtomicBoolean underWay = new AtomicBoolean();

        Group(Executor elsewhere) {
            this.elsewhere = elsewhere;
        }

        void wake() {
            if (wakes.size() <= FEW) {
                wakes.forEach(Runnable::run);
            } else if (!underWay.getAndSet(true)) {
                elsewhere.execute(this);
            }
        }

        @Override
        public void run() {
            underWay.set(false); // what happens from now on wakes them again
            wakes.forEach(Runnable::run);
        }
    }

    /**
     * Adds one.
     *
     * @param wake called after each command that did something to the execution, and when the node loses the partition, on
     *     the stream thread or any other; must not block
     * @param elsewhere where it is called if many watch the same
     */
    public void add(UUID executionId, Runnable wake, Executor elsewhere) {
        add(byExecution, executionId, wake, elsewhere);
    }

    /**
     * Adds one that waits for an end.
     *
     * @param taskId what is to end; null: the workflow
     * @param wake called as by {@link #add}, after commands that ended the workflow or the task, and hardly any other
     */
    public void addForEnd(UUID executionId, @Nullable UUID taskId, Runnable wake, Executor elsewhere) {
        add(ends, executionId, wake, elsewhere); // with its workflow a task may leave without having ended
        if (taskId != null) {
            add(ends, taskId, wake, elsewhere);
        }
    }

    private static void add(Map<UUID, Group> groups, UUID watched, Runnable wake, Executor elsewhere) {
        groups.compute(watched, (id, there) -> {
            Group group = there == null ? new Group(elsewhere) : there;
            group.wakes.add(wake);
            return group;
        });
    }

    /** Forgets one that was added. */
    public void remove(UUID executionId, Runnable wake) {
        remove(byExecution, executionId, wake);
    }

    /** Forgets one that waited for an end. */
    public void removeForEnd(UUID executionId, @Nullable UUID taskId, Runnable wake) {
        remove(ends, executionId, wake);
        if (taskId != null) {
            remove(ends, taskId, wake);
        }
    }

    private static void remove(Map<UUID, Group> groups, UUID watched, Runnable wake) {
        groups.computeIfPresent(watched, (id, group) -> {
            group.wakes.remove(wake);
            return group.wakes.isEmpty() ? null : group;
        });
    }

    /** @return whether the node has lost the partition */
    public boolean closed() {
        return closed;
    }

    /** A command did this. Stream thread. */
    void happened(List<SealedEvent> events) {
        if (byExecution.isEmpty() && ends.isEmpty()) {
            return;
        }
        UUID woken = null;
        for (SealedEvent event : events) {
            UUID id = event.executionId();
            if (id == null) {
                continue;
            }
            if (!id.equals(woken)) {
                wake(byExecution, id);
                woken = id;
            }
            if (event.status() != null && event.status().terminal()) {
                UUID taskId = event.taskId();
                wake(ends, taskId == null ? id : taskId);
            }
        }
    }

    private static void wake(Map<UUID, Group> groups, UUID watched) {
        Group group = groups.get(watched);
        if (group != null) {
            group.wake();
        }
    }

    void close() {
        closed = true;
        wake();
    }

    /** Lets each look again how its partition stands. */
    void wake() {
        byExecution.values().forEach(Group::wake);
        ends.values().forEach(Group::wake);
    }
}
