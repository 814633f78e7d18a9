package io.millrace.proto.reads;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Remembers, for tasks that this node handed out, to which execution each belongs: {@code CompleteTask} carries only
 * the task's id. Bounded: the task that was used longest ago is forgotten first, and the dispatchers must then be
 * asked. Safe from any thread; look-ups never block for long.
 */
public final class TaskHomes {

    /** Enough for all tasks that one node has under way at a time, at about 100 bytes each. */
    public static final int DEFAULT_CAPACITY = 200_000;

    private static final int STRIPES = 16;

    private final Stripe[] stripes = new Stripe[STRIPES];

    /** Remembers up to {@link #DEFAULT_CAPACITY} tasks. */
    public TaskHomes() {
        this(DEFAULT_CAPACITY);
    }

    /**
     * @param capacity most tasks to remember, at least 16
     * @throws IllegalArgumentException if it is less than 16
     */
    public TaskHomes(int capacity) {
        if (capacity < STRIPES) {
            throw new IllegalArgumentException("expected room for at least " + STRIPES + " tasks, but got " + capacity);
        }
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe(capacity / STRIPES);
        }
    }

    /** Remembers the execution of the task: its workflow, or its own id for a standalone task. */
    public void put(UUID orgId, UUID taskId, UUID executionId) {
        Stripe stripe = stripe(taskId);
        synchronized (stripe) {
            stripe.put(new Owned(orgId, taskId), executionId);
        }
    }

    /** @return the execution that the task belongs to; empty if it is not, or no longer, remembered */
    public Optional<UUID> find(UUID orgId, UUID taskId) {
        Stripe stripe = stripe(taskId);
        synchronized (stripe) {
            return Optional.ofNullable(stripe.get(new Owned(orgId, taskId)));
        }
    }

    private Stripe stripe(UUID taskId) {
        int hash = taskId.hashCode();
        return stripes[(hash ^ hash >>> 16) & (STRIPES - 1)];
    }

    /** Clients make the ids of tasks, so two organisations may use the same id. */
    private record Owned(UUID orgId, UUID taskId) {}

    private static final class Stripe extends LinkedHashMap<Owned, UUID> {

        private static final long serialVersionUID = 1L;

        private final int capacity;

        Stripe(int capacity) {
            super(16, 0.75f, true);
            this.capacity = capacity;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Owned, UUID> eldest) {
            return size() > capacity;
        }
    }
}
