package io.millrace.proto.directory;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Finds out whether this node hears what others tell: it calls, and listens for its own call. Silence means something only to
 * who hears. That Kafka answers slowly, or was away, is no reason to take others for dead: what they told in that time
 * may have come through as late as the own call. Nobody calls where nobody asks. Any thread; none waits.
 */
final class Echo {

    private static final long BETWEEN_CALLS_MS = 100;

    /** So long it is remembered how slow an answer was. Nobody asks for more. */
    private static final long REMEMBERED_MS = TimeUnit.HOURS.toMillis(1);

    private final Supplier<CompletableFuture<Void>> call;
    private final InstantSource clock;
    /** What was heard again, the slowest first, each later than the one before. */
    private final Deque<Heard> heard = new ArrayDeque<>();

    /** The time of the last call that was heard again. */
    private long heardMs;
    /** The time of the last call. */
    private long calledMs;

    private boolean waiting;
    /** The time of the first call since that was not heard; of no meaning if {@link #unheard} is false. */
    private long unheardMs;

    private boolean unheard;

    private record Heard(long atMs, long tookMs) {}

    /**
     * @param call calls; done as soon as the call is heard here. Must not wait
     * @param clock times calls
     */
    Echo(Supplier<CompletableFuture<Void>> call, InstantSource clock) {
        this.call = call;
        this.clock = clock;
        heardMs = clock.millis();
        calledMs = heardMs - BETWEEN_CALLS_MS;
    }

    /** As {@link Directory#heardForMs} says. */
    long heardForMs(long sinceMs) {
        callAgain();
        synchronized (this) {
            long slowestMs = heard.stream()
                    .filter(each -> each.atMs > sinceMs)
                    .mapToLong(Heard::tookMs)
                    .findFirst()
                    .orElse(0);
            return Math.max(0, heardMs - sinceMs - slowestMs);
        }
    }

    private void callAgain() {
        long nowMs = clock.millis();
        synchronized (this) {
            if (waiting || nowMs - calledMs < BETWEEN_CALLS_MS) {
                return;
            }
            waiting = true;
            calledMs = nowMs;
            if (!unheard) {
                unheard = true;
                unheardMs = nowMs;
            }
        }
        call.get().whenComplete((done, failure) -> over(failure == null));
    }

    private synchronized void over(boolean isHeard) {
        waiting = false;
        if (!isHeard) {
            return;
        }
        long nowMs = clock.millis();
        Heard now = new Heard(nowMs, nowMs - unheardMs);
        unheard = false;
        heardMs = calledMs;
        while (!heard.isEmpty() && heard.getLast().tookMs <= now.tookMs) {
            heard.removeLast();
        }
        heard.addLast(now);
        while (nowMs - heard.getFirst().atMs > REMEMBERED_MS) {
            heard.removeFirst();
        }
    }
}
