package io.millrace.proto.kafka;

import io.millrace.proto.FailureTrace;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to one topic, and never makes a caller wait. Kafka's producer would wait in {@code send} while it has no room,
 * and while it knows nothing of the topic, as after it lost all brokers for a while. Here it is told not to wait at
 * all. A record that it cannot take at this moment goes into a queue. A thread of its own hands the record over later,
 * or gives it up when its time is over. While Kafka is there, no record touches the queue. One partition whose leader is away must not
 * take the room of all: once it is known how many there are, one that Kafka has taken nothing of for a second has no more than its
 * share under way, and what goes beyond is given up at once. One that is taken leaves a share to the others. Records of one thread and
 * partition keep their order. Any thread may write, also event loops and the producer's own.
 */
public final class TopicWriter implements AutoCloseable {

    private static final Duration START_PATIENCE = Duration.ofMinutes(2);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);

    /** Most bytes that may wait in the queue. Beyond it, records are given up at once. */
    static final long MAX_WAITING_BYTES = 32L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(TopicWriter.class);
    private static final String CLOSED = "expected to write a record, but this node is shutting down";
    private static final long FIRST_PAUSE_MS = 5;
    private static final long LONGEST_PAUSE_MS = 100;
    /** What a record in the queue takes besides its key and value. */
    private static final long OVERHEAD_BYTES = 200;
    /** What Kafka's producer has room for, unless its settings say otherwise. */
    private static final long USUAL_ROOM_BYTES = 32L * 1024 * 1024;
    /** A partition may have a quarter of the room, or its part where there are fewer. */
    private static final int MOST_SHARES = 4;
    /** A partition whose leader is there settles records sooner, whatever their size. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Shortest time between two producers: one that failed for good is not replaced more often. */
    private static final long BETWEEN_PRODUCERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String topic;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final LongSupplier nanoTime;
    /** What the producer has room for, bytes. */
    private final long roomBytes;
    /** Bytes of each partition that the producer has taken and not settled; null: it is not known how many there are, or only one. */
    private volatile @Nullable AtomicLongArray underWay;
    /** When each partition last had nothing under way or settled a record, by {@link #nanoTime}. Set before {@link #underWay}. */
    private volatile AtomicLongArray movedNanos = new AtomicLongArray(0);

    /** Written under the lock of the queue. */
    private volatile Producer<byte[], byte[]> producer;

    private long madeNanos;
    /** Why the producer can take nothing more, null while it can. Written under the lock of the queue. */
    private volatile @Nullable Exception dead;

    private final Outage outage;
    private final Deque<Waiting> queue = new ArrayDeque<>();
    /** Whether the queue holds any records; written under its lock. */
    private volatile boolean waiting;

    private volatile boolean closed;
    private long waitingBytes;
    private @Nullable Thread handing;

    private record Waiting(
            ProducerRecord<byte[], byte[]> record, long bytes, Callback done, Duration patience, long deadlineNanos) {}

    /**
     * @param topic where it writes
     * @param settings of the producer, as {@link ClientSettings} has them
     */
    public TopicWriter(String topic, Map<String, Object> settings) {
        this(topic, () -> producer(settings), System::nanoTime, room(settings));
    }

    private static long room(Map<String, Object> settings) {
        return settings.get(ProducerConfig.BUFFER_MEMORY_CONFIG) instanceof Number bytes
                ? bytes.longValue()
                : USUAL_ROOM_BYTES;
    }

    /** For tests: writes with the given producer, which must be set not to wait. */
    public TopicWriter(String topic, Producer<byte[], byte[]> producer) {
        this(topic, () -> producer);
    }

    /** @param producers makes a producer that is set not to wait; called again when the last one has failed for good */
    TopicWriter(String topic, Supplier<Producer<byte[], byte[]>> producers) {
        this(topic, producers, System::nanoTime, USUAL_ROOM_BYTES);
    }

    /** With another time and room, for tests. */
    TopicWriter(String topic, Supplier<Producer<byte[], byte[]>> producers, LongSupplier nanoTime, long roomBytes) {
        this.topic = topic;
        this.roomBytes = roomBytes;
        this.producers = producers;
        this.producer = producers.get();
        this.nanoTime = nanoTime;
        this.madeNanos = nanoTime.getAsLong() - BETWEEN_PRODUCERS_NANOS;
        this.outage = new Outage("Kafka takes no records of " + topic + " now, they wait");
    }

    private static Producer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> prompt = new HashMap<>(settings);
        prompt.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        return new KafkaProducer<>(prompt, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * Asks Kafka for the number of the topic's partitions. It waits, so call it only at the start. The wait may be
     * long: on a slow machine a broker may take a while to hear of a new topic.
     *
     * @throws org.apache.kafka.common.KafkaException if Kafka, or the topic, is not there within two minutes
     */
    public int partitions() {
        return partitions(START_PATIENCE);
    }

    int partitions(Duration longest) {
        long endNanos = System.nanoTime() + longest.toNanos();
        long said = System.nanoTime();
        while (true) {
            try {
                int partitions = producer.partitionsFor(topic).size();
                if (partitions > 1 && underWay == null) {
                    movedNanos = new AtomicLongArray(partitions);
                    underWay = new AtomicLongArray(partitions);
                }
                return partitions;
            } catch (TimeoutException e) {
                if (System.nanoTime() - endNanos >= 0) {
                    throw e;
                }
                if (System.nanoTime() - said > SAY_AGAIN.toNanos()) {
                    said = System.nanoTime();
                    LOG.info("still waiting for Kafka to show the topic {}", topic);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FIRST_PAUSE_MS));
            }
        }
    }

    /**
     * Writes a record.
     *
     * @param partition where to, or null where the key decides
     * @param value null removes the key of a compacted topic
     * @param patience how long the record may wait for the producer; from then on the producer's own settings count
     * @param done called once, with the record's place or the failure. {@link UnsentException}: the record was never
     *     handed over. Any other failure: the record may stand in the topic all the same. Runs on any thread, also the
     *     caller's; must not block.
     * @return false if so much waits already, for all partitions, that the record was given up at once; {@code done} was called then, too
     */
    public boolean write(
            @Nullable Integer partition, byte[] key, byte @Nullable [] value, Duration patience, Callback done) {
        return write(partition, key, value, List.of(), patience, done);
    }

    /** As above, with headers. */
    public boolean write(
            @Nullable Integer partition,
            byte[] key,
            byte @Nullable [] value,
            List<Header> headers,
            Duration patience,
            Callback done) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, partition, key, value, headers);
        if (!waiting && dead == null) {
            Attempt attempt = new Attempt(done);
            if (attempt.takes(record)) {
                return true;
            }
        }
        return queue(record, patience, done);
    }

    private boolean queue(ProducerRecord<byte[], byte[]> record, Duration patience, Callback done) {
        long bytes = bytes(record);
        Waiting late = new Waiting(record, bytes, done, patience, System.nanoTime() + patience.toNanos());
        String refusal;
        synchronized (queue) {
            refusal = refusal(bytes);
            if (refusal == null) {
                if (!waiting) {
                    // Before anything else: if the machine has no thread left, no record may wait for one.
                    handing = Thread.ofPlatform()
                            .daemon()
                            .name("millrace-write-" + topic)
                            .start(this::handOver);
                    waiting = true;
                }
                queue.add(late);
                waitingBytes += bytes;
            }
        }
        if (refusal != null) {
            giveUp(late, refusal);
        }
        return refusal == null;
    }

    private @Nullable String refusal(long bytes) {
        if (closed) {
            return CLOSED;
        }
        return waitingBytes + bytes <= MAX_WAITING_BYTES
                ? null
                : "expected Kafka to take a record of " + topic + ", but it takes none now, and " + waitingBytes
                        + " bytes wait for it already";
    }

    private static long bytes(ProducerRecord<byte[], byte[]> record) {
        return OVERHEAD_BYTES + length(record.key()) + length(record.value());
    }

    private static int length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    /**
     * Runs as long as any record waits. Not even an error may end it sooner, since all records wait behind the queue.
     */
    private void handOver() {
        boolean failed = true;
        while (failed) {
            try {
                handOverAll();
                failed = false;
            } catch (Throwable e) {
                LOG.error("could not hand over what waits for {}, will try again", topic, e);
                rest(LONGEST_PAUSE_MS);
            }
        }
    }

    private void handOverAll() {
        long pauseMs = FIRST_PAUSE_MS;
        for (Waiting first = first(); first != null; first = first()) {
            Exception notNow = handOver(first);
            if (notNow == null) {
                outage.over();
                remove(first);
                pauseMs = FIRST_PAUSE_MS;
            } else {
                if (pauseMs == LONGEST_PAUSE_MS) {
                    outage.failed(notNow);
                }
                rest(pauseMs);
                pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
                giveUpLate(notNow);
            }
        }
    }

    /** @return why the record was not taken yet, null if it was */
    private @Nullable Exception handOver(Waiting first) {
        replaceDead();
        Exception failure = dead;
        if (failure != null) {
            return failure;
        }
        Attempt attempt = new Attempt(first.done);
        return attempt.takes(first.record) ? null : Objects.requireNonNull(attempt.notNow, "why it was not taken");
    }

    /** @return the first record that waits. If there is none, this thread ends, and records need not wait any more */
    private Waiting first() {
        synchronized (queue) {
            waiting = !queue.isEmpty();
            return queue.peek();
        }
    }

    /** Removed only after it was handed over, so that records that are written meanwhile stay behind it. */
    private void remove(Waiting handedOver) {
        synchronized (queue) {
            queue.remove();
            waitingBytes -= handedOver.bytes;
        }
    }

    private void rest(long pauseMs) {
        synchronized (queue) {
            if (!closed) {
                try {
                    queue.wait(pauseMs);
                } catch (InterruptedException e) {
                    closed = true; // only the end of the process interrupts this thread
                }
            }
        }
    }

    private void giveUpLate(Exception why) {
        List<Waiting> late = new ArrayList<>();
        long nowNanos = System.nanoTime();
        synchronized (queue) {
            queue.removeIf(each -> {
                boolean over = closed || nowNanos - each.deadlineNanos >= 0;
                if (over) {
                    late.add(each);
                    waitingBytes -= each.bytes;
                }
                return over;
            });
        }
        late.forEach(each -> giveUp(
                each,
                closed
                        ? CLOSED
                        : "expected Kafka to take a record of " + topic + " within " + each.patience.toMillis()
                                + " ms, but it did not, and the record was not written: " + why.getMessage()));
    }

    private static void giveUp(Waiting late, String text) {
        tell(late.done, null, new UnsentException(text, null));
    }

    private static void tell(Callback done, @Nullable RecordMetadata where, @Nullable Exception failure) {
        try {
            done.onCompletion(where, failure);
        } catch (Throwable e) {
            LOG.error("whoever wrote a record failed when it heard what became of it: {}", FailureTrace.of(e));
        }
    }

    /**
     * Notes that a producer failed for good: it would refuse all further records with the same words. Callers hear of their
     * failed records, and have to find out what stands in the log.
     *
     * @return whether it is so
     */
    private boolean noteDead(Producer<byte[], byte[]> failed, Exception failure) {
        if (!endsProducers(failure)) {
            return false;
        }
        synchronized (queue) {
            if (producer == failed && dead == null) {
                dead = failure;
            }
        }
        try {
            replaceDead();
        } catch (RuntimeException e) {
            LOG.warn("the producer of {} failed for good, and no other could be made yet", topic, e);
        }
        return true;
    }

    /** Replaces a producer that failed for good by one that begins anew, unless it was made just now. */
    private void replaceDead() {
        Producer<byte[], byte[]> failed;
        Exception failure;
        synchronized (queue) {
            failure = dead;
            long nowNanos = nanoTime.getAsLong();
            if (failure == null || closed || nowNanos - madeNanos < BETWEEN_PRODUCERS_NANOS) {
                return;
            }
            madeNanos = nowNanos;
            failed = producer;
            producer = producers.get();
            dead = null;
        }
        LOG.warn("the producer of {} failed for good and is replaced", topic, failure);
        failed.close(Duration.ZERO);
    }

    /** Kafka's client enters a state that it never leaves after these failures. From then on it throws what wraps them. */
    private static boolean endsProducers(Exception failure) {
        return failure instanceof ClusterAuthorizationException
                || failure instanceof AuthenticationException
                || failure instanceof InvalidPidMappingException
                || failure instanceof ProducerFencedException
                || failure.getClass() == KafkaException.class && failure.getCause() instanceof KafkaException;
    }

    /** Gives up the records that wait. Records that were handed over are still sent, within 2 s. */
    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }

    /** As {@link #close()}, with another time limit. */
    public void close(Duration longest) {
        Thread last;
        synchronized (queue) {
            closed = true;
            queue.notifyAll();
            last = handing;
        }
        try {
            if (last != null) {
                last.join(longest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(longest);
    }

    /**
     * One try to hand a record over. If the producer cannot take it, it calls back with a timeout before {@code send}
     * returns, on the thread that called {@code send}. Any other call back is about a record that it has taken.
     */
    private final class Attempt implements Callback {

        private final Callback done;
        private final Producer<byte[], byte[]> by = producer;
        /** Any thread may read it. It equals the reading thread only while that thread is in {@code send}. */
        private @Nullable Thread sending;

        private @Nullable Exception notNow;
        /** Its partition, and what it takes there; 0: nothing is counted. Set before it is handed over. */
        private int lane;

        private long laneBytes;
        /** The writer of the record has heard of it. */
        private final AtomicBoolean told = new AtomicBoolean();

        Attempt(Callback done) {
            this.done = done;
        }

        /** @return true: the record was taken, or can never be taken; false: {@link #notNow} says why not yet */
        boolean takes(ProducerRecord<byte[], byte[]> record) {
            String full = board(record);
            if (full != null) {
                settle(null, new UnsentException(full, null));
                return true;
            }
            sending = Thread.currentThread();
            try {
                by.send(record, this);
            } catch (RuntimeException e) {
                // One that failed for good throws only after it has taken the record, which may even be on its way.
                settle(null, noteDead(by, e) ? e : unsent(e));
            } catch (Error e) {
                notNow = null;
                settle(null, new KafkaException("Kafka's client broke while it took a record of " + topic, e));
            } finally {
                sending = null;
            }
            if (notNow != null) {
                leave();
            }
            return notNow == null;
        }

        /** @return why its partition has no room for it, null if it has */
        private @Nullable String board(ProducerRecord<byte[], byte[]> record) {
            AtomicLongArray lanes = underWay;
            Integer number = record.partition();
            if (lanes == null || number == null || number >= lanes.length()) {
                return null;
            }
            long bytes = bytes(record);
            long shareBytes = roomBytes / Math.min(MOST_SHARES, lanes.length());
            long before = lanes.getAndAdd(number, bytes);
            if (before <= 0) {
                movedNanos.set(number, nanoTime.getAsLong());
            } else if (before + bytes > shareBytes
                    && (before + bytes > roomBytes - shareBytes
                            || nanoTime.getAsLong() - movedNanos.get(number) >= STUCK_NANOS)) {
                lanes.addAndGet(number, -bytes);
                return "expected Kafka to take a record of partition " + number + " of " + topic
                        + ", but it has not taken " + before
                        + " bytes of earlier ones yet, and the record was not written";
            }
            lane = number;
            laneBytes = bytes;
            return null;
        }

        private void leave() {
            AtomicLongArray lanes = underWay;
            if (lanes != null && laneBytes > 0) {
                lanes.addAndGet(lane, -laneBytes);
                laneBytes = 0;
            }
        }

        @Override
        public void onCompletion(@Nullable RecordMetadata where, @Nullable Exception failure) {
            if (failure != null) {
                noteDead(by, failure);
            }
            if (failure == null || sending != Thread.currentThread()) {
                settle(where, failure);
            } else if (failure instanceof TimeoutException) {
                notNow = failure;
            } else {
                settle(null, unsent(failure));
            }
        }

        private void settle(@Nullable RecordMetadata where, @Nullable Exception failure) {
            if (told.compareAndSet(false, true)) {
                if (laneBytes > 0) {
                    movedNanos.set(lane, nanoTime.getAsLong());
                }
                leave();
                tell(done, where, failure);
            }
        }

        private UnsentException unsent(Exception failure) {
            return new UnsentException(
                    "expected Kafka's client to take a record of " + topic + ", but it refused: "
                            + failure.getMessage(),
                    failure);
        }
    }
}
