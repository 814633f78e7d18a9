package io.millrace.proto.log;

import io.millrace.proto.Shards;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The topic of commands, as one producer writes it. Where commands have MACs, each gets a number first, and is numbered, sealed
 * and handed over under one lock for each partition. So the numbers of a writer rise in the log, since the producer is
 * idempotent and keeps the order of what it takes. A record that the producer sends again has the same bytes, and Kafka
 * takes it once; whatever is written again by the caller is another record with a number of its own. Whoever reads the
 * log can so tell a copy that somebody else put there. Any thread may write, also event loops; nothing blocks.
 */
public final class CommandTopic implements AutoCloseable {

    /**
     * So long a writer keeps its id in a partition. Readers remember the writers that began last, so one that began long
     * ago might be forgotten.
     */
    static final long WRITER_NANOS = TimeUnit.HOURS.toNanos(1);

    private final TopicWriter topic;
    private final CommandMacs macs;
    private final LongSupplier nanoTime;
    private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();

    /** Writes by this producer, which is closed with it and must be idempotent. */
    public CommandTopic(TopicWriter topic, CommandMacs macs) {
        this(topic, macs, System::nanoTime);
    }

    /** With another time, for tests. */
    CommandTopic(TopicWriter topic, CommandMacs macs, LongSupplier nanoTime) {
        this.topic = topic;
        this.macs = macs;
        this.nanoTime = nanoTime;
    }

    /** As {@link TopicWriter#partitions()}. */
    public int partitions() {
        return topic.partitions();
    }

    /**
     * Writes a command.
     *
     * @param command without a number and a MAC
     * @param patience as for {@link TopicWriter#write}
     * @param done as there
     */
    public void write(int partition, byte[] key, CommandRecord command, Duration patience, Callback done) {
        byte[] record = CommandMacs.encode(command, macs.numberedBytes());
        handOver(partition, key, record, patience, done);
    }

    /** As above, for a command that is already encoded. */
    public void write(int partition, byte[] key, byte[] command, Duration patience, Callback done) {
        byte[] record = Arrays.copyOf(command, command.length + macs.numberedBytes());
        handOver(partition, key, record, patience, done);
    }

    private void handOver(int partition, byte[] key, byte[] record, Duration patience, Callback done) {
        if (macs.mode() == MacMode.OFF) {
            topic.write(partition, key, record, patience, done);
        } else {
            lanes.computeIfAbsent(partition, Lane::new).handOver(key, record, patience, done);
        }
    }

    /** Closes the producer. */
    @Override
    public void close() {
        topic.close();
    }

    /** As {@link #close()}, with a time limit. */
    public void close(Duration longest) {
        topic.close(longest);
    }

    /** What is written to one partition. */
    private final class Lane {

        private final int partition;
        private UUID writer = Shards.newId();
        private long bornNanos = nanoTime.getAsLong();
        private long number;

        Lane(int partition) {
            this.partition = partition;
        }

        void handOver(byte[] key, byte[] record, Duration patience, Callback done) {
            Unlocked unlocked = new Unlocked(done);
            try {
                synchronized (this) {
                    if (nanoTime.getAsLong() - bornNanos >= WRITER_NANOS) {
                        begin();
                    }
                    macs.seal(partition, record, record.length - macs.numberedBytes(), writer, ++number);
                    topic.write(partition, key, record, patience, unlocked);
                }
            } finally {
                unlocked.release();
            }
        }

        private void begin() {
            writer = Shards.newId();
            bornNanos = nanoTime.getAsLong();
            number = 0;
        }
    }

    /**
     * Hands on what became of a record, but never to somebody who would run under the lock of the lane: that one may hold
     * locks of his own, for which others wait that want to write.
     */
    private static final class Unlocked implements Callback {

        private final Callback done;
        /** Set while this thread may hold the lock. It equals a reading thread only while that thread does. */
        private volatile @Nullable Thread locking = Thread.currentThread();

        private @Nullable RecordMetadata where;
        private @Nullable Exception failure;
        private boolean known;

        Unlocked(Callback done) {
            this.done = done;
        }

        @Override
        public void onCompletion(@Nullable RecordMetadata place, @Nullable Exception why) {
            if (locking == Thread.currentThread()) {
                where = place;
                failure = why;
                known = true;
            } else {
                done.onCompletion(place, why);
            }
        }

        void release() {
            locking = null;
            if (known) {
                done.onCompletion(where, failure);
            }
        }
    }
}
