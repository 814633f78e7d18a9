package io.millrace.proto.kafka;

import io.millrace.proto.FailureTrace;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads from Kafka until it is closed. If anything fails, also an error, it rests for a moment and goes on: a node
 * that no longer reads would look as if all were well. From {@link #start} on the consumer belongs to the thread, which
 * closes it at the end.
 */
public final class ReadLoop implements AutoCloseable {

    /** One poll, and all work with what came. Runs on the loop's thread. */
    @FunctionalInterface
    public interface Step {

        /** @throws Exception if it could not be done; the loop tries again after a rest */
        void run() throws Exception;
    }

    /** Takes one record. */
    @FunctionalInterface
    public interface Taker {

        /** @throws Exception if the record makes no sense, or cannot be taken */
        void take(ConsumerRecord<byte[], byte[]> record) throws Exception;
    }

    /** Hears how each turn ended. Runs on the loop's thread; must not throw. */
    public interface Listener {

        /** A turn failed, maybe for want of memory; a rest follows. */
        void failed(Throwable cause);

        /** A turn was done. */
        default void done() {}

        /** There are no more turns. */
        default void ended() {}

        /** @return a listener that logs once that something fails, and once that it works again */
        static Listener logging(String what) {
            Outage outage = new Outage(what);
            return new Listener() {
                @Override
                public void failed(Throwable cause) {
                    outage.failed(cause);
                }

                @Override
                public void done() {
                    outage.over();
                }
            };
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReadLoop.class);

    /** Longer than Kafka takes for a request as a rule, and than a rest after failures. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

    private final Consumer<?, ?> consumer;
    private final Step turn;
    private final Listener listener;
    private final long restMs;
    private final long longestRestMs;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private final LongSupplier nanoTime;
    /** When a turn was done last, or the loop began. */
    private volatile long doneNanos;

    private volatile @Nullable Throwable failure;
    private volatile boolean ended;

    /**
     * @param name name of the thread
     * @param rest rest after a first failure; it doubles with each further one. A random part is added, so that loops
     *     differ
     * @param longestRest longest rest, after many failures
     */
    public ReadLoop(
            String name, Consumer<?, ?> consumer, Duration rest, Duration longestRest, Step turn, Listener listener) {
        this(name, consumer, rest, longestRest, turn, listener, System::nanoTime);
    }

    /** With another monotonic clock, for tests. */
    ReadLoop(
            String name,
            Consumer<?, ?> consumer,
            Duration rest,
            Duration longestRest,
            Step turn,
            Listener listener,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.consumer = consumer;
        this.turn = turn;
        this.listener = listener;
        this.restMs = rest.toMillis();
        this.longestRestMs = longestRest.toMillis();
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    /** Begins to read. */
    public void start() {
        doneNanos = nanoTime.getAsLong();
        thread.start();
    }

    /**
     * Tells whether what is read stands still: because no turn was done for 15 s, or the loop has ended. That Kafka is away is no
     * failure of a turn, which brings nothing then. Any thread.
     *
     * @return why, for whoever operates the node; empty while it reads, or has not been started
     */
    public Optional<String> standsStill() {
        return standsStill(LONGEST_SILENCE);
    }

    /** As {@link #standsStill()}, for a loop whose turns may take longer: after this time. */
    public Optional<String> standsStill(Duration longest) {
        if (ended) {
            return Optional.of("the thread " + thread.getName() + " has ended");
        }
        long silentNanos = thread.getState() == Thread.State.NEW ? 0 : nanoTime.getAsLong() - doneNanos;
        if (silentNanos < longest.toNanos()) {
            return Optional.empty();
        }
        Throwable cause = failure;
        return Optional.of("the thread " + thread.getName() + " has read nothing for "
                + TimeUnit.NANOSECONDS.toSeconds(silentNanos) + " s"
                + (cause == null ? "" : ", since " + cause));
    }

    /**
     * Hands each polled record to the taker. A record that the taker cannot take is logged and skipped, so that the
     * later ones are taken. Where it was the machine that failed, it and all behind it are polled again.
     *
     * @param consumer by which they were polled
     */
    public static void each(Consumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> polled, Taker taker) {
        Map<TopicPartition, Long> next = new HashMap<>();
        polled.partitions()
                .forEach(partition ->
                        next.put(partition, polled.records(partition).getFirst().offset()));
        for (TopicPartition partition : polled.partitions()) {
            for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
                try {
                    take(record, taker);
                } catch (VirtualMachineError e) {
                    next.forEach(consumer::seek);
                    throw e;
                }
                next.put(partition, record.offset() + 1);
            }
        }
    }

    private static void take(ConsumerRecord<byte[], byte[]> record, Taker taker) {
        try {
            taker.take(record);
        } catch (WakeupException | InterruptException e) {
            throw e;
        } catch (Throwable e) {
            // Too deep a stack comes of the record.
            if (e instanceof VirtualMachineError machine && !(e instanceof StackOverflowError)) {
                throw machine;
            }
            LOG.warn(
                    "passed over the record at offset {} of {}-{}: {}",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    e.getClass().getName());
        }
    }

    private boolean open() {
        return closing.getCount() > 0;
    }

    private void run() {
        try (consumer) {
            readOn();
        } catch (WakeupException | InterruptException e) {
            LOG.debug("closed while it was closing", e);
        } catch (Throwable e) {
            LOG.error(
                    "{} died; what it reads stands still until this node is restarted: {}",
                    thread.getName(),
                    FailureTrace.of(e));
        } finally {
            ended = true;
            listener.ended();
        }
    }

    private void readOn() {
        long nextRestMs = restMs;
        while (open()) {
            try {
                turn.run();
                doneNanos = nanoTime.getAsLong();
                failure = null;
                listener.done();
                nextRestMs = restMs;
            } catch (WakeupException | InterruptException | InterruptedException e) {
                return; // close() woke the consumer
            } catch (Throwable e) {
                failed(e);
                rest(nextRestMs);
                nextRestMs = Math.min(2 * nextRestMs, longestRestMs);
            }
        }
    }

    private void failed(Throwable cause) {
        failure = cause;
        try {
            listener.failed(cause);
        } catch (Throwable e) {
            // Where memory is lacking nothing can be said, and the loop has to go on all the same.
        }
    }

    /**
     * Rests on the loop's thread, in a turn. Returns at once when the loop is closed, and does not poll meanwhile.
     *
     * @param longest for how long
     * @throws InterruptedException if the thread is interrupted; the loop ends if its turn throws that
     */
    public void rest(Duration longest) throws InterruptedException {
        closing.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void rest(long ms) {
        try {
            closing.await(ms + ThreadLocalRandom.current().nextLong(ms), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            closing.countDown();
        }
    }

    /** Ends the loop after the turn that is under way. Waits for it, no longer than the given time. */
    public void close(Duration longest) {
        closing.countDown();
        if (thread.getState() == Thread.State.NEW) {
            consumer.close();
            return;
        }
        consumer.wakeup();
        try {
            thread.join(longest);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As {@link #close(Duration)}, but waits 2 s at the most. */
    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }
}
