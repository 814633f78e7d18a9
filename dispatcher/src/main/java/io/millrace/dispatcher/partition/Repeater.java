package io.millrace.dispatcher.partition;

import io.millrace.proto.FailureTrace;
import io.millrace.proto.thread.Recurring;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does again and again what the partitions of a node have to repeat, on a thread of its own. Any thread. */
public final class Repeater implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Repeater.class);

    private static final long LONGEST_MS = 1_000;

    private final long everyMs;
    private final Set<Runnable> tasks = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("millrace-repeater").factory());

    /** @param everyMs how often, milliseconds */
    public Repeater(long everyMs) {
        this.everyMs = everyMs;
    }

    /** Lets it begin. */
    public void start() {
        // With jitter, so that the nodes of a cluster do not speak all at once.
        Duration pause = Duration.ofMillis(everyMs + ThreadLocalRandom.current().nextLong(everyMs / 4 + 1));
        Recurring.start(
                timer, pause, pause, "could not repeat what a partition has to say, will try again", this::repeat);
    }

    /** Adds what must not block; when it fails that is logged, and it is done again all the same. */
    void add(Runnable task) {
        tasks.add(task);
    }

    void remove(Runnable task) {
        tasks.remove(task);
    }

    /**
     * Does everything once, now.
     *
     * @throws IllegalStateException if something failed, be it by an error; all others were done
     */
    public void repeat() {
        Throwable first = null;
        for (Runnable task : tasks) {
            first = firstOf(first, task);
        }
        if (first != null) {
            throw new IllegalStateException(FailureTrace.of(first)); // what the failure says may quote a client
        }
    }

    private static @Nullable Throwable firstOf(@Nullable Throwable before, Runnable task) {
        try {
            task.run();
            return before;
        } catch (Throwable e) { // an error of one must not silence all
            return before == null ? e : before;
        }
    }

    /** What is left is done once more, since it is done never again. Must not be called by two threads at once. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            // What is done once more must not be done beside itself.
            if (!timer.awaitTermination(LONGEST_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn(
                        "what a partition has to say takes more than {} ms; it is said once more all the same",
                        LONGEST_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            repeat();
        } catch (IllegalStateException e) {
            LOG.warn("could not do once more what a partition had to say", e);
        }
    }
}
