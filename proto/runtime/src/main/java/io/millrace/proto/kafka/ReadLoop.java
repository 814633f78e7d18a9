package io.millrace.proto.kafka;

import io.millrace.proto.FailureTrace;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that reads from Kafka until it is closed. If anything fails, it rests for a moment and goes on: a node that
 * no longer reads would look as if all were well. From {@link #start} on the consumer belongs to the thread, which
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

        /** A turn failed; a rest follows. */
        void failed(Exception cause);

        /** A turn was done. */
        default void done() {}

        /** There are no more turns. */
        default void ended() {}

        /** @return a listener that logs once that something fails, and once that it works again */
        static Listener logging(String what) {
            Outage outage = new Outage(what);
            return new Listener() {
                @Override
                public void failed(Exception cause) {
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

    private final Consumer<?, ?> consumer;
    private final Step turn;
    private final Listener listener;
    private final long restMs;
    private final long longestRestMs;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param name name of the thread
     * @param rest rest after a first failure; it doubles with each further one. A random part is added, so that loops
     *     differ
     * @param longestRest longest rest, after many failures
     */
    public ReadLoop(
            String name, Consumer<?, ?> consumer, Duration rest, Duration longestRest, Step turn, Listener listener) {
        this.consumer = consumer;
        this.turn = turn;
        this.listener = listener;
        this.restMs = rest.toMillis();
        this.longestRestMs = longestRest.toMillis();
        this.thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    /** Begins to read. */
    public void start() {
        thread.start();
    }

    /**
     * Hands each polled record to the taker. A record that the taker cannot take is logged and skipped, so that the
     * later ones are taken.
     */
    public static void each(ConsumerRecords<byte[], byte[]> polled, Taker taker) {
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            try {
                taker.take(record);
            } catch (WakeupException | InterruptException e) {
                throw e;
            } catch (Exception e) {
                LOG.warn(
                        "passed over the record at offset {} of {}-{}: {}",
                        record.offset(),
                        record.topic(),
                        record.partition(),
                        e.getClass().getName());
            }
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
            listener.ended();
        }
    }

    private void readOn() {
        long nextRestMs = restMs;
        while (open()) {
            try {
                turn.run();
                listener.done();
                nextRestMs = restMs;
            } catch (WakeupException | InterruptException | InterruptedException e) {
                return; // close() woke the consumer
            } catch (Exception e) {
                listener.failed(e);
                rest(nextRestMs);
                nextRestMs = Math.min(2 * nextRestMs, longestRestMs);
            }
        }
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
