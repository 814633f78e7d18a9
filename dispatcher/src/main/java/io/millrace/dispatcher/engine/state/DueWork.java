package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Buckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is due, thing by thing. Most of it is due by itself. What leaves after a retention, and keys whose time is over,
 * wait in buckets. A bucket is due as a whole, and empties piece by piece. On the partition's thread.
 */
final class DueWork {

    private final DueIndex dues;
    private final Buckets closed;
    private final Buckets expiring;

    /**
     * @param closed executions by the end of their retention
     * @param expiring keys by the end of their time
     */
    DueWork(DueIndex dues, Buckets closed, Buckets expiring) {
        this.dues = dues;
        this.closed = closed;
        this.expiring = expiring;
    }

    private @Nullable Buckets buckets(Due due) {
        return switch (due.type()) {
            case RETENTION -> closed;
            case KEY_EXPIRY -> expiring;
            default -> null; // due by itself
        };
    }

    List<byte[]> bucket(Due due, int limit) {
        Buckets buckets = buckets(due);
        return buckets == null ? List.of() : buckets.first(due.atMs(), limit);
    }

    /** @return whether that changed what the events before it had left */
    boolean settled(Due due, List<byte[]> seenTo) {
        boolean changed = false;
        for (byte[] key : seenTo) {
            Buckets buckets = Objects.requireNonNull(buckets(due), "buckets");
            changed |= buckets.has(due.atMs(), key);
            buckets.remove(due.atMs(), key);
        }
        if (bucket(due, 1).isEmpty()) {
            changed |= dues.has(due);
            dues.remove(due);
        }
        return changed;
    }

    void dropped(Due due) {
        dues.remove(due);
    }

    List<DueItem> items(long untilMs, int limit) {
        List<DueItem> items = new ArrayList<>();
        for (Due due : dues.until(untilMs, limit)) {
            bucket(due, limit - items.size()).forEach(key -> items.add(new DueItem(due, Optional.of(key))));
            if (bucket(due, 1).isEmpty()) {
                items.add(new DueItem(due, Optional.empty()));
            }
            if (items.size() >= limit) {
                break;
            }
        }
        return items;
    }

    boolean stillDue(DueItem item) {
        Buckets buckets = buckets(item.due());
        return dues.has(item.due())
                && item.key()
                        .map(key -> Objects.requireNonNull(buckets, "buckets")
                                .has(item.due().atMs(), key))
                        .orElse(true);
    }
}
