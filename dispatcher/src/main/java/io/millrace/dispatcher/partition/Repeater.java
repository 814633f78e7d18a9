package io.millrace.dispatcher.partition;

import io.millrace.proto.FailurePlaces;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does again and again what the partitions of a node have to repeat, on a thread of its own. Any thread. */
public final class Repeater implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Repeater.class);

    private final long everyMs;
    private final Set<Runnable> tasks = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("millrace-repeater").factory(), new DiscardPolicy());

    /** @param everyMs how often, milliseconds */
    public Repeater(long everyMs) {
        this.everyMs = everyMs;
    }

    /** Lets it begin. */
    public void start() {
        // With jitter, so that the nodes of a cluster do not speak all at once.
        long nextMs = everyMs + ThreadLocalRandom.current().nextLong(everyMs / 4 + 1);
        thread.schedule(
                () -> {
                    try {
                        repeat();
                    } finally {
                        start();
                    }
                },
                nextMs,
                TimeUnit.MILLISECONDS);
    }

    /** Adds what must not block; when it fails that is logged, and it is done again all the same. */
    void add(Runnable task) {
        tasks.add(task);
    }

    void remove(Runnable task) {
        tasks.remove(task);
    }

    /** Does everything once, now. */
    public void repeat() {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (Throwable e) { // an error of one must not silence all
                LOG.error("could not repeat what a partition has to say, will try again: {}", FailurePlaces.of(e));
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
