package io.millrace.dispatcher.partition;

import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands on their way to one partition. They leave in the order in which they were decided, and what comes behind one that
 * failed waits until that one has been sent again. Two about the same subject are never under way together: of two that are,
 * Kafka may refuse the first and take the second. All others follow each other at once.
 * Any thread.
 */
final class OutboxLane {

    private static final Logger LOG = LoggerFactory.getLogger(OutboxLane.class);

    private static final long SAY_AGAIN_MS = 600_000;

    private final CommandWriter writer;
    private final BlockedLanes blocked;
    /** In order. */
    private final TreeSet<OutboxEntry> waiting = new TreeSet<>();

    private final Set<Integer> subjectsUnderWay = new HashSet<>();
    /** After a failure, until it is tried again. */
    private boolean held;

    private boolean closed;
    private boolean sending;
    private boolean failing;
    /** When it is said next that it fails, milliseconds since it does. */
    private long sayAtMs;

    OutboxLane(CommandWriter writer, BlockedLanes blocked) {
        this.writer = writer;
        this.blocked = blocked;
    }

    /** Takes one more, and sends it as soon as those before it allow. */
    synchronized void add(OutboxEntry entry) {
        waiting.add(entry);
        send();
    }

    /** Sends again what failed, and what waits behind it. */
    synchronized void again() {
        held = false;
        send();
    }

    /** From here on nothing leaves, whatever becomes of those under way. */
    synchronized void close() {
        closed = true;
        waiting.clear();
        blocked.over(this);
    }

    private void send() {
        if (sending) {
            return; // called back from below, where the loop goes on
        }
        sending = true;
        try {
            while (!closed && !held && !waiting.isEmpty() && mayLeave(waiting.first())) {
                OutboxEntry next = waiting.pollFirst();
                subjectsUnderWay.add(next.subject());
                writer.write(next.partition(), next.id(), next.command(), failure -> done(next, failure));
            }
        } finally {
            sending = false;
        }
    }

    private boolean mayLeave(OutboxEntry entry) {
        return entry.subject() == OutboxEntry.UNKNOWN_SUBJECT
                ? subjectsUnderWay.isEmpty()
                : !subjectsUnderWay.contains(entry.subject())
                        && !subjectsUnderWay.contains(OutboxEntry.UNKNOWN_SUBJECT);
    }

    private synchronized void done(OutboxEntry entry, Exception failure) {
        subjectsUnderWay.remove(entry.subject());
        if (failure == null) {
            entry.arrive();
            goesOn();
        } else {
            entry.again();
            waiting.add(entry);
            held = true;
            if (!closed) {
                failed(entry, failure);
            }
        }
        send();
    }

    private void goesOn() {
        if (failing) {
            failing = false;
            sayAtMs = 0;
            blocked.over(this);
        }
    }

    /** It is tried again every second, which nobody wants to read each time. What Kafka never takes must not be said once only. */
    private void failed(OutboxEntry entry, Exception failure) {
        failing = true;
        long forMs = blocked.blocked(this);
        if (forMs < sayAtMs) {
            return;
        }
        if (forMs < SAY_AGAIN_MS) {
            LOG.warn("could not send {}, will try again; what follows it waits", entry, failure);
        } else {
            LOG.error(
                    "could not send {} for {} minutes, and tries again; what follows it waits",
                    entry,
                    forMs / 60_000,
                    failure);
        }
        sayAtMs = forMs + SAY_AGAIN_MS;
    }
}
