package io.millrace.infra.door;

import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.ingest.limits.Turnstile;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A connection of gRPC, as its calls and its watch see it. Safe from any thread. */
final class DoorConnection {

    private final Map<OrganisationLoad, Lanes> lanes = new ConcurrentHashMap<>(2);
    private final Executor thread;
    private final Set<LimitedCall<?, ?>> unfinished = ConcurrentHashMap.newKeySet(2);
    private final AtomicInteger calls = new AtomicInteger();
    private volatile long lastCallNanos = System.nanoTime();
    private volatile boolean known;
    private volatile boolean ended;
    private volatile @Nullable Lanes latest;
    private volatile @Nullable InetSocketAddress client;
    private volatile long certifiedUntilMs = Long.MAX_VALUE;

    /** @param thread of the connection; takes no more once the server has ended */
    DoorConnection(Executor thread) {
        this.thread = thread;
    }

    /**
     * Does it once all that was given to the connection until now has been written, or thrown away. An answer waits in the
     * transport until the connection's thread comes round, also if its call has been given up meanwhile: hundreds of calls
     * may come and go before.
     */
    void afterWrites(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException ended) {
            task.run();
        }
    }

    /**
     * The lanes that an organisation's calls on this connection pass through. A proxy's connection may carry several
     * organisations.
     */
    record Lanes(OrganisationLoad load, Turnstile.Lane histories, Turnstile.Lane answers, AtomicInteger calls) {

        void close() {
            histories.close();
            answers.close();
        }
    }

    Lanes lanes(OrganisationLoad load) {
        Lanes last = latest;
        if (last != null && last.load == load) {
            return last;
        }
        Lanes found = lanes.computeIfAbsent(
                load,
                each -> new Lanes(each, each.histories().lane(), each.answers().lane(), new AtomicInteger()));
        latest = found;
        if (ended) {
            found.close(); // made after those that the end knew
        }
        return found;
    }

    /** The client has shown a certificate that ends then, milliseconds since the epoch. */
    void certifiedUntil(long untilMs) {
        certifiedUntilMs = untilMs;
    }

    /** @return whether the certificate that the client has shown has ended */
    boolean isCertificateOver(long nowMs) {
        return nowMs >= certifiedUntilMs;
    }

    /** The proxy at the other end has named the client. */
    void told(InetSocketAddress of) {
        client = of;
    }

    /** @return the client that the proxy at the other end has named; null: it has named none */
    @Nullable
    InetSocketAddress client() {
        return client;
    }

    /** Nobody is there any more. Its calls are told one after the other; none of them may begin anything meanwhile. */
    void end() {
        ended = true;
        lanes.values().forEach(Lanes::close);
    }

    /** A call on this connection had a known key. */
    void showedKey() {
        if (!known) {
            known = true;
        }
    }

    /**
     * @return whether no known key was shown, no call is open, and the last call is longer ago than that; a call may be
     *     short
     */
    boolean isIdleStranger(long nowNanos, long longestNanos) {
        return !known && calls.get() == 0 && nowNanos - lastCallNanos > longestNanos;
    }

    /** @return calls that have not ended, without those that wait for work and those of this load */
    int openCalls(OrganisationLoad without) {
        return lanes.values().stream()
                .filter(each -> each.load != without)
                .mapToInt(each -> each.calls.get())
                .sum();
    }

    boolean isStranger() {
        return !known;
    }

    void opened(LimitedCall<?, ?> call) {
        lastCallNanos = System.nanoTime();
        calls.incrementAndGet();
        unfinished.add(call);
    }

    /** The whole request of the call is there. */
    void asked(LimitedCall<?, ?> call) {
        unfinished.remove(call);
    }

    void closed(LimitedCall<?, ?> call) {
        unfinished.remove(call);
        lastCallNanos = System.nanoTime();
        calls.decrementAndGet();
    }

    /** Ends the calls whose request has made no progress for so long. */
    void endUnfinished(long nowNanos, long patienceNanos) {
        unfinished.forEach(call -> call.endIfUnfinished(nowNanos, patienceNanos));
    }
}
