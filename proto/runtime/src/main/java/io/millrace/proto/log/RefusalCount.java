package io.millrace.proto.log;

import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The refusals of one principal: the first of a window stand alone, the others are summed up. Safe from any thread. */
final class RefusalCount {

    /** How many kinds the text of a summed-up record names: the most frequent ones. */
    private static final int NAMED = 8;

    private final int most;
    private final long windowNanos;
    private final Map<Kind, Long> many = new HashMap<>();
    private long startNanos;
    private int noted;
    private @Nullable Caller latest;

    /** What is to be done with a refusal. */
    enum Next {
        ONE,
        FIRST_OF_MANY,
        ONE_OF_MANY
    }

    private record Kind(String method, RefusalReason reason) {}

    /** A record that stands for many refusals, and the caller who had them. */
    record Many(Caller caller, RecordRefusal.Builder record) {}

    RefusalCount(int most, long windowNanos) {
        this.most = most;
        this.windowNanos = windowNanos;
    }

    synchronized Next next(long nowNanos, Caller caller, String method, RefusalReason reason) {
        if (isIdle(nowNanos)) {
            startNanos = nowNanos;
            noted = 0;
        }
        if (noted < most) {
            noted++;
            return Next.ONE;
        }
        latest = caller;
        boolean first = many.isEmpty();
        many.merge(new Kind(method, reason), 1L, Long::sum);
        return first ? Next.FIRST_OF_MANY : Next.ONE_OF_MANY;
    }

    /** @return whether it is like a new one: nothing was refused within the window, and nothing is to be noted */
    synchronized boolean isIdle(long nowNanos) {
        return many.isEmpty() && (noted == 0 || nowNanos - startNanos >= windowNanos);
    }

    /** @return a record of the refusals that were only counted, and begins a new window; nothing if there are none */
    synchronized Optional<Many> takeMany(Duration window) {
        if (many.isEmpty()) {
            return Optional.empty();
        }
        long requests = many.values().stream().mapToLong(Long::longValue).sum();
        var frequent = many.entrySet().stream()
                .sorted(Map.Entry.<Kind, Long>comparingByValue()
                        .reversed()
                        .thenComparing(each -> each.getKey().method())
                        .thenComparing(each -> each.getKey().reason()))
                .limit(NAMED)
                .toList();
        String kinds = frequent.stream()
                .map(each -> each.getValue() + " " + each.getKey().reason() + " "
                        + each.getKey().method())
                .collect(Collectors.joining(", "));
        Kind first = frequent.getFirst().getKey();
        RecordRefusal.Builder record = RecordRefusal.newBuilder()
                .setMethod(first.method())
                .setReason(first.reason().name())
                .setRequests(requests)
                .setText(RefusedRequests.text(
                        "expected at most " + most + " requests of a principal to be refused within "
                                + window.toMillis() + " ms, but then " + requests + " more were: " + kinds));
        many.clear();
        noted = 0;
        return Optional.of(new Many(Objects.requireNonNull(latest, "caller"), record));
    }
}
