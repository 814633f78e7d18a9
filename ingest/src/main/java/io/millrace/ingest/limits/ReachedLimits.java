package io.millrace.ingest.limits;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often this node has refused something for a limit of an organisation or a key. Safe from any thread. */
public final class ReachedLimits {

    private final Map<Limit, LongAdder> refused = new EnumMap<>(Limit.class);

    /** Which limit is reached. */
    public enum Limit {
        /** Calls of an organisation in a second. */
        ORGANISATION_CALLS,
        /** Bytes of their payloads. */
        ORGANISATION_PAYLOAD_BYTES,
        /** Calls of a key in a second. */
        KEY_CALLS,
        /** Bytes of their payloads. */
        KEY_PAYLOAD_BYTES,
        /** Workflows of an organisation that are open. */
        OPEN_WORKFLOWS,
        /** Schedules of an organisation. */
        SCHEDULES
    }

    /** Nothing was refused yet. */
    public ReachedLimits() {
        for (Limit each : Limit.values()) {
            refused.put(each, new LongAdder());
        }
    }

    /** Something was refused for the limit. */
    public void add(Limit limit) {
        counter(limit).increment();
    }

    /** @return how many times since the start */
    public long times(Limit limit) {
        return counter(limit).sum();
    }

    private LongAdder counter(Limit limit) {
        return Objects.requireNonNull(refused.get(limit), "counter of each limit");
    }
}
