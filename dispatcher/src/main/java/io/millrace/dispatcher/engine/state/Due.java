package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import java.util.UUID;

/**
 * Something that is to happen at a time. The reference tells which of its kind: timer id, promise name, task id, key, name
 * of the schedule, home of the policy, queue.
 *
 * @param atMs milliseconds since the epoch
 * @param type what is to happen
 * @param executionId execution concerned; the organisation for a key, a schedule, a policy or a queue
 * @param reference which one of the execution, may be empty
 */
public record Due(long atMs, Type type, UUID executionId, String reference) implements Comparable<Due> {

    /** Closed executions leave the stores in buckets of this length, milliseconds. */
    static final long RETENTION_BUCKET_MS = 10_000;

    /** Keys are released in buckets of this length, milliseconds. Nobody sees the difference: one that is over counts no more. */
    static final long KEY_BUCKET_MS = 60_000;

    static Due retention(long bucketMs) {
        return new Due(bucketMs, Type.RETENTION, new UUID(0, 0), "");
    }

    static Due keyExpiry(long bucketMs) {
        return new Due(bucketMs, Type.KEY_EXPIRY, new UUID(0, 0), "");
    }

    /**
     * What is to happen. The order of the constants is part of the stored form. The expiries of keys by their use are from before
     * these had buckets.
     */
    public enum Type {
        WORKFLOW_LEASE,
        WORKFLOW_RETRY,
        TIMER,
        PROMISE_TIMEOUT,
        TASK_READY,
        TASK_LEASE,
        TASK_DEADLINE,
        WORKFLOW_KEY_EXPIRY,
        TASK_KEY_EXPIRY,
        PROMISE_KEY_EXPIRY,
        RETENTION,
        KEY_EXPIRY,
        WORKFLOW_CANCEL,
        SCHEDULE,
        POLICY,
        /** Places of a queue that nobody has used go back. */
        PLACES_SPARE,
        /** The rate of a queue allows more. */
        PLACES_NEXT
    }

    /** @return whether it is the end of a claim's lease */
    boolean lease() {
        return type == Type.WORKFLOW_LEASE || type == Type.TASK_LEASE;
    }

    @Override
    public int compareTo(Due other) {
        int order = Long.compare(atMs, other.atMs);
        if (order == 0) {
            order = type.compareTo(other.type);
        }
        if (order == 0) {
            order = executionId.compareTo(other.executionId);
        }
        return order == 0 ? reference.compareTo(other.reference) : order;
    }

    byte[] key() {
        return Bytes.writer()
                .i64(atMs ^ Long.MIN_VALUE)
                .u8(type.ordinal())
                .rawId(executionId)
                .text(reference)
                .finish();
    }

    /** @return what comes before the keys of all that is due at the time or later */
    static byte[] firstKey(long atMs) {
        return Bytes.writer().i64(atMs ^ Long.MIN_VALUE).finish();
    }

    static Due fromKey(byte[] key) {
        Bytes bytes = Bytes.reader(key);
        return new Due(bytes.i64() ^ Long.MIN_VALUE, Type.values()[bytes.u8()], bytes.rawId(), bytes.text());
    }
}
