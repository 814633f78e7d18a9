package io.millrace.ingest.auth;

import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Notes in the log that calls came without a known key. Anybody can make them, and the log is kept for ever. So a node
 * writes one record in a minute at the most. It says how many there were, and from where most of them came. Safe from
 * any thread; nobody waits for the record.
 */
public final class RefusedLogins implements AutoCloseable {

    /** What such a record says was asked. */
    public static final String LOGIN = "login";

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final UUID NOBODY = new UUID(0, 0);
    /** Addresses that are counted one by one in a minute; calls of others are only counted together. */
    private static final int COUNTED = 1_000;
    /** Addresses that a record names, the most frequent. */
    private static final int NAMED = 16;

    private final CommandLog log;
    private final Duration window;
    private final Map<String, Long> counts = new HashMap<>();
    private long others;

    /** @param log where they are noted */
    public RefusedLogins(CommandLog log) {
        this(log, MINUTE);
    }

    RefusedLogins(CommandLog log, Duration window) {
        this.log = log;
        this.window = window;
    }

    /**
     * Notes a call.
     *
     * @param origin where it came from, as {@link TrustedProxies#origin} says
     */
    public void note(String origin) {
        if (isFirst(host(origin))) {
            CompletableFuture.delayedExecutor(window.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(this::write);
        }
    }

    /**
     * Counts the call.
     *
     * @return whether it is the first since the last record
     */
    private synchronized boolean isFirst(String host) {
        boolean first = counts.isEmpty();
        if (counts.size() < COUNTED || counts.containsKey(host)) {
            counts.merge(host, 1L, Long::sum);
        } else {
            others++;
        }
        return first;
    }

    /**
     * @param origin where a call came from, as {@link TrustedProxies#origin} says
     * @return the address alone: ports differ from call to call
     */
    public static String host(String origin) {
        int via = origin.indexOf(' ');
        return via > 0 ? origin.substring(0, via) : origin.substring(0, Math.max(0, origin.lastIndexOf(':')));
    }

    private void write() {
        take().ifPresent(record -> log.tell(
                Shards.partition(Shards.of(NOBODY, LOGIN), log.partitions()),
                CommandHeader.of(
                                new Caller(NOBODY, "", Principal.getDefaultInstance(), "", Scope.WHOLE), "", log.node())
                        .setRecordRefusal(record)));
    }

    private synchronized Optional<RecordRefusal> take() {
        if (counts.isEmpty()) {
            return Optional.empty();
        }
        long calls = counts.values().stream().mapToLong(Long::longValue).sum() + others;
        String from = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(NAMED)
                .map(each -> each.getValue() + " from " + each.getKey())
                .collect(Collectors.joining(", "));
        counts.clear();
        others = 0;
        return Optional.of(RecordRefusal.newBuilder()
                .setMethod(LOGIN)
                .setReason(RefusalReason.PERMISSION_DENIED.name())
                .setRequests(calls)
                .setText(RefusedRequests.text("expected a known API key, but " + calls + " calls showed none: " + from))
                .build());
    }

    /** Notes what was only counted so far. To be called before the log is closed. */
    @Override
    public void close() {
        write();
    }
}
