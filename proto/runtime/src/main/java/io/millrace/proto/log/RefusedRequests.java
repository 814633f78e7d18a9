package io.millrace.proto.log;

import io.millrace.proto.Excerpt;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Notes in the log what was refused before it became a command, like everything else that was asked. Of each key so
 * many refusals in a minute are noted one by one. Those beyond are counted, and noted together when the minute is over.
 * The log is kept for ever, and any key can have requests refused as fast as it sends them. Safe from any thread;
 * nobody waits for the record.
 */
public final class RefusedRequests implements AutoCloseable {

    /** Refusals of a key that are noted one by one in a minute, unless told otherwise. */
    public static final int USUAL_PER_MINUTE = 600;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MAX_TEXT_CHARS = 1_000;

    private final CommandLog log;
    private final int mostInAWindow;
    private final Duration window;
    private final Map<Key, RefusalCount> counts = new ConcurrentHashMap<>();

    /** There are only as many as the file of keys names. */
    private record Key(UUID orgId, Principal principal) {}

    /** Notes {@link #USUAL_PER_MINUTE} refusals one by one. */
    public RefusedRequests(CommandLog log) {
        this(log, USUAL_PER_MINUTE);
    }

    /**
     * @param log where refusals are appended
     * @param mostInAMinute how many refusals of a key are noted one by one in a minute
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
        RefusalCount count = counts.computeIfAbsent(
                new Key(caller.orgId(), caller.principal()), key -> new RefusalCount(mostInAWindow, window.toNanos()));
        switch (count.next(System.nanoTime(), caller, method, reason)) {
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
