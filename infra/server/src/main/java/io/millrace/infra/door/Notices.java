package io.millrace.infra.door;

import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the server's own log what the door did to clients. It writes one line in ten seconds at the most, with the
 * number of those that were left out. Clients decide how often there is something to say, so there must be a limit.
 * Safe from any thread.
 */
final class Notices {

    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AtomicLong count = new AtomicLong();
    private final AtomicLong unsaid = new AtomicLong();
    private final AtomicLong nextNanos = new AtomicLong(System.nanoTime());

    void say(SocketAddress peer, String fault) {
        count.incrementAndGet();
        long now = System.nanoTime();
        long due = nextNanos.get();
        if (now - due >= 0 && nextNanos.compareAndSet(due, now + PAUSE_NANOS)) {
            LOG.warn("connection closed peer={} others={}: {}", peer, unsaid.getAndSet(0), fault);
        } else {
            unsaid.incrementAndGet();
        }
    }

    /** @return how many notices there were, also those that were left out */
    long count() {
        return count.get();
    }
}
