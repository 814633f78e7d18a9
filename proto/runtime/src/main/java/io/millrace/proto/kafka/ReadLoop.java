package io.millrace.proto.kafka;

import io.millrace.proto.FailurePlaces;
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
 * A thread that reads from Kafka until it is closed. Whatever fails, it rests for a moment and goes on: a node that has
 * become deaf looks as if all were well. The consumer belongs to the thread from {@link #start} on, which closes it at last.
 */
public final class ReadLoop implements AutoCloseable {

    /** One poll, and all that is to be done with what came. Runs on the loop's thread. */
    @FunctionalInterface
    public interface Turn {

        /** @throws Exception if it could not be done; it is tried again after a rest */
        void run() throws Exception;
    }

    /** Takes one record. */
    @FunctionalInterface
    public interface Taker {

        /** @throws Exception if the record makes no sense, or its taker fails */
        void take(ConsumerRecord<byte[], byte[]> record) throws Exception;
    }

    /** Hears of what a turn came to. Runs on the loop's thread; must not throw. */
    public interface Listener {

        /** A turn failed; a rest follows. */
        void failed(Exception cause);

        /** A turn was done. */
        default void done() {}

        /** There are no more turns. */
        default void ended() {}

        /** @return one that says once that something fails, and once that it works again */
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
    private final Turn turn;
    private final Listener listener;
    private final long restMs;
    private final long longestRestMs;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param name of the thread
     * @param rest after a first failure; twice as long after each further one, and never quite as long as another loop's
     * @param longestRest after many
     */
    public ReadLoop(
            String name, Consumer<?, ?> consumer, Duration rest, Duration longestRest, Turn turn, Listener listener) {
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

    /** Hands on what was polled. What its taker cannot take is noted and passed over, so that those behind it are taken. */
    public static void each(ConsumerRecords<byte[], byte[]> polled, Taker taker) {
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            try {
                taker.take(record);
            } catch (WakeupException | InterruptException e) {
                throw e;
            } catch (Exception e) {
                LOG.warn("passed over the record at offset {} of {}-{}: {}", record.offset(), record.topic(),
                        record.partition(), e.getClass().getName());
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
            LOG.error("{} died; what it reads stands still until this node is restarted: {}", thread.getName(), FailurePlaces.of(e));
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
                return; // close() woke it
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

    /** Ends it after the turn that is under way, which is waited for. */
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

    /** As {@link #close(Duration)}, and does not wait for long. */
    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }
}
