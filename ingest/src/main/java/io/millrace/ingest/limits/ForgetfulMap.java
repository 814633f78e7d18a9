package io.millrace.ingest.limits;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Values by their keys, of which those are forgotten that nobody would miss. They are looked for once there are twice as many
 * values as were left the last time. So each new key pays for a few looks, and a key that is known for none, however many there
 * are. Safe from any thread.
 */
final class ForgetfulMap<K, V> {

    private final ConcurrentMap<K, V> values = new ConcurrentHashMap<>();
    private final int few;
    private final Predicate<V> forgettable;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile int lookAbove;

    /**
     * @param few nothing is forgotten while there are no more
     * @param forgettable whether a value is like one that is made anew
     */
    ForgetfulMap(int few, Predicate<V> forgettable) {
        this.few = few;
        this.forgettable = forgettable;
        lookAbove = few;
    }

    /**
     * @param next what the key is to have, made of what it has, which is null where it has nothing
     * @return what it has now
     */
    V compute(K key, UnaryOperator<@Nullable V> next) {
        V found = values.compute(key, (same, known) -> next.apply(known));
        if (values.size() > lookAbove && looking.compareAndSet(false, true)) {
            try {
                values.values().removeIf(each -> each != found && forgettable.test(each));
                lookAbove = Math.max(few, 2 * values.size());
            } finally {
                looking.set(false);
            }
        }
        return found;
    }

    /** @return how many there are */
    int size() {
        return values.size();
    }
}
