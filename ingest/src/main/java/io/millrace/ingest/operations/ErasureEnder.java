package io.millrace.ingest.operations;

import io.millrace.proto.thread.Recurring;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Ends erasures that a node has begun and not ended, because it died or could not reach Kafka. Safe from any thread. */
public final class ErasureEnder implements AutoCloseable {

    private static final Duration EVERY = Duration.ofSeconds(5);
    /** Longer than a request to erase may take: what is older nobody is at work on. */
    private static final Duration LEFT = Duration.ofSeconds(30);

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-erasures").daemon(true).factory());

    /** Begins to look for them. */
    public ErasureEnder(EraseOperations erasures) {
        Recurring.start(
                timer,
                EVERY,
                EVERY,
                "erasures that were begun could not be ended",
                () -> erasures.endThoseBegunBefore(LEFT).join());
    }

    /** Stops looking. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
