package io.millrace.proto.log;

import io.millrace.proto.Excerpt;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Notes in the log what was refused before it became a command, like everything else that was asked. Of each
 * principal so many refusals in a minute are noted one by one, whatever it shows: a user may have a new token as often as he
 * likes. Those beyond are counted, and noted together when the minute is over. The log is kept for ever, and anybody can have
 * requests refused as fast as he sends them. Safe from any thread; nobody waits for the record.
 */
public final class RefusedRequests implements AutoCloseable {

    /** Refusals of a principal that are noted one by one in a minute, unless told otherwise. */
    public static final int USUAL_PER_MINUTE = 600;

    /** So many counts may be kept. Beyond, those are looked for and forgotten that had nothing refused lately. */
    private static final int MANY = 1_000;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MAX_TEXT_CHARS = 1_000;

    private final CommandLog log;
    private final int mostInAWindow;
    private final Duration window;
    private final Map<Key, RefusalCount> counts = new ConcurrentHashMap<>();
    private final AtomicInteger lookAbove = new AtomicInteger(MANY);

    private record Key(UUID orgId, Principal.Type type, String id) {

        private static Key of(Caller caller) {
            return new Key(
                    caller.orgId(),
                    caller.principal().getType(),
                    caller.principal().getId());
        }
    }

    /** Notes {@link #USUAL_PER_MINUTE} refusals one by one. */
    public RefusedRequests(CommandLog log) {
        this(log, USUAL_PER_MINUTE);
    }

    /**
     * @param log where refusals are appended
     * @param mostInAMinute how many refusals of a principal are noted one by one in a minute
     */
    public RefusedRequests(CommandLog log, int mostInAMinute) {
        this(log, mostInAMinute, MINUTE);
    }

    RefusedRequests(CommandLog log, int mostInAWindow, Duration window) {
        this.log = log;
        this.mostInAWindow = mostInAWindow;
        this.window = window;
    }

    /**
     * Notes a refusal.
     *
     * @param caller who asked; strangers are not noted
     * @param method full name of the gRPC method, or the HTTP method and path template
     * @param traceparent trace context of the caller, or the empty text
     * @param text as the caller sees it, without payloads and keys
     */
    public void note(Caller caller, String method, String traceparent, RefusalReason reason, String text) {
        long nowNanos = System.nanoTime();
        AtomicReference<RefusalCount.Next> next = new AtomicReference<>();
        // What comes next is found out within, so that no count is forgotten that is just being used.
        RefusalCount count = counts.compute(Key.of(caller), (key, known) -> {
            RefusalCount counting = known == null ? new RefusalCount(mostInAWindow, window.toNanos()) : known;
            next.set(counting.next(nowNanos, caller, method, reason));
            return counting;
        });
        forgetIdle(nowNanos);
        switch (Objects.requireNonNull(next.get(), "what comes next")) {
            case ONE ->
                append(
                        caller,
                        traceparent,
                        RecordRefusal.newBuilder()
                                .setMethod(method)
                                .setReason(reason.name())
                                .setText(text(text)));
            case FIRST_OF_MANY ->
                CompletableFuture.delayedExecutor(window.toNanos(), TimeUnit.NANOSECONDS)
                        .execute(() -> sumUp(count));
            case ONE_OF_MANY -> {}
        }
    }

    /** Each new one pays for a few looks, and a known one for none, however many there are. */
    private void forgetIdle(long nowNanos) {
        int above = lookAbove.get();
        if (counts.size() > above && lookAbove.compareAndSet(above, Integer.MAX_VALUE)) {
            counts.keySet()
                    .forEach(key ->
                            counts.computeIfPresent(key, (same, count) -> count.isIdle(nowNanos) ? null : count));
            lookAbove.set(Math.max(MANY, 2 * counts.size()));
        }
    }

    /** @return principals of whom it is known that something was refused */
    int size() {
        return counts.size();
    }

    private void sumUp(RefusalCount count) {
        count.takeMany(window).ifPresent(many -> append(many.caller(), "", many.record()));
    }

    private void append(Caller caller, String traceparent, RecordRefusal.Builder body) {
        int shard = Shards.of(caller.orgId(), body.getMethod());
        log.tell(
                Shards.partition(shard, log.partitions()),
                CommandHeader.of(caller, traceparent, log.node()).setRecordRefusal(body));
    }

    /** @return a refusal's text as it stands in the log: 1,000 characters at the most */
    public static String text(String text) {
        return Excerpt.of(text, MAX_TEXT_CHARS);
    }

    /** Notes what has only been counted so far. To be called before the log is closed. */
    @Override
    public void close() {
        counts.values().forEach(this::sumUp);
    }
}
