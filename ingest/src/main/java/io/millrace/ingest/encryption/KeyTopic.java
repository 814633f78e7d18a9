package io.millrace.ingest.encryption;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.v1.Beat;
import io.millrace.proto.v1.DataKeyEntry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of data keys: one thread reads it from its beginning and goes on. It knows whether it is up to date.
 * Kafka's consumer says nothing where brokers are away, so this asks for the end of the topic every few seconds. A node
 * that has not heard of the end for {@link #TRUSTED} uses no data key, since any may have been erased. Safe from any
 * thread.
 */
final class KeyTopic implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyTopic.class);

    /** For so long what was read counts as up to date. */
    static final Duration TRUSTED = Duration.ofSeconds(30);

    private static final Duration CONFIRM = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(2);
    /** After so long a record that removes a key may itself have gone: the topic is read anew. */
    private static final Duration ANEW = Duration.ofHours(1);
    /** Where keys come all the time, they are read so rarely, unless somebody waits for one. */
    private static final long GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final char BEAT = 'b';
    private final KeySeals seals;
    private final KeyTable table;
    private final Listener listener;
    private final Duration patience;
    /** The loop's. */
    private final OwedRecords owed;

    private final OwedWriter owedWriter = new OwedWriter();
    private final Duration beatEvery;
    private final byte[] beatKey;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ReadLoop loop;
    private final CountDownLatch read = new CountDownLatch(1);
    private volatile boolean confirmed;
    private volatile long confirmedNanos;
    private final KeyTopicWriter writer;
    private final TopicWaits waits;
    /** The loop's, as the next. */
    private final ToldEnds ends = new ToldEnds();

    private long askNanos = System.nanoTime();

    private long beatNanos = System.nanoTime();

    /** Hears of what was read. Runs on the loop's thread. */
    interface Listener {

        /** The key is there, or was erased: whoever waits for it may look again. */
        void known(UUID keyId);

        /** @return whether anybody waits for a key. Any thread */
        boolean waits();

        /** The key is there no more. */
        void gone(UUID keyId);

        /** All keys are read anew. */
        void anew();
    }

    /**
     * Begins to read.
     *
     * @param seals what this node writes, and tells what others have sealed
     * @param node name of this node
     * @param patience for writing a record
     * @param beatEvery how often something is written, that Kafka may close segments
     */
    KeyTopic(
            ClientSettings clients,
            KeySeals seals,
            String node,
            Duration patience,
            Duration beatEvery,
            KeyTable table,
            Listener listener) {
        this.seals = seals;
        this.table = table;
        this.listener = listener;
        this.patience = patience;
        this.owed = new OwedRecords(table, patience);
        this.beatEvery = beatEvery;
        this.beatKey = (BEAT + node).getBytes(StandardCharsets.UTF_8);
        writer = new KeyTopicWriter(clients, seals, patience);
        waits = new TopicWaits(patience);
        consumer = new KafkaConsumer<>(
                clients.reading("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        loop = new ReadLoop(
                "millrace-data-keys",
                consumer,
                REST,
                LONGEST_REST,
                this::follow,
                ReadLoop.Listener.logging(
                        "data keys cannot be read, so that payloads cannot be encrypted or decrypted"));
        loop.start();
    }

    /** @return whether it has read all there is, and knew of the end a moment ago */
    boolean current() {
        return confirmed && System.nanoTime() - confirmedNanos < TRUSTED.toNanos();
    }

    /** @return writes to the topic. Any thread */
    KeyTopicWriter writer() {
        return writer;
    }

    /** @return completes once this node has read all that stood there when this was called */
    CompletableFuture<Void> upToDate() {
        return waits.forTheEnd();
    }

    /** @return completes once what stands at the place, and all before it, has been read by this node */
    CompletableFuture<Void> read(long offset) {
        return waits.forPlace(offset);
    }

    /** @return whether it has read, within the time, all that there was */
    boolean awaitRead(Duration longest) throws InterruptedException {
        return read.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void follow() {
        if (consumer.assignment().isEmpty()) {
            begin();
        }
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
        ReadLoop.each(consumer, polled, this::take);
        if (!consumer.assignment().isEmpty()) {
            waits.reached(
                    () -> consumer.position(consumer.assignment().iterator().next()));
        }
        if (confirmed && !polled.isEmpty() && !listener.waits() && !waits.anyForAPlace()) {
            LockSupport.parkNanos(GATHERING_NANOS);
        }
        long now = System.nanoTime();
        confirm(now);
        writer.renew(now);
        if (confirmed) {
            owed.write(now, owedWriter);
            owedWriter.tell(now);
        }
        if (now - beatNanos >= 0) {
            beatNanos = now + beatEvery.toNanos();
            writer.write(
                    beatKey,
                    DataKeyEntry.newBuilder()
                            .setBeat(Beat.newBuilder().setTimeMs(System.currentTimeMillis()))
                            .build());
        }
    }

    private void begin() {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.DATA_KEYS, patience).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new KafkaException("expected the topic " + Topics.DATA_KEYS + ", but there is none");
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    private void confirm(long now) {
        if (confirmed && now - confirmedNanos > ANEW.toNanos()) {
            confirmed = false;
            ends.forget();
            table.clear();
            listener.anew();
            consumer.seekToBeginning(consumer.assignment());
            return;
        }
        if (ends.none()) {
            if (confirmed && now - askNanos < 0 && !waits.anyForTheEnd()) {
                return;
            }
            ends.told(consumer.endOffsets(consumer.assignment(), patience), now);
            askNanos = now + CONFIRM.toNanos();
        }
        ends.reached(consumer::position).ifPresent(asOfNanos -> {
            confirmedNanos = asOfNanos;
            confirmed = true;
            read.countDown();
            waits.upToDate(asOfNanos);
        });
    }

    private enum Taken {
        PASSED_OVER,
        COUNTS,
        /** It counts as long as a key of the MACs is known that this node does not seal with. */
        BY_OTHER_KEY
    }

    private void take(ConsumerRecord<byte[], byte[]> record) throws InvalidProtocolBufferException {
        EntryKey key = EntryKey.of(record.key()).orElse(null);
        if (key == null) {
            return;
        }
        Taken taken = Taken.PASSED_OVER;
        try {
            taken = record.value() == null ? removed(key, record) : accepted(key, record);
        } finally {
            note(key, record.value() == null, taken);
        }
    }

    private Taken removed(EntryKey key, ConsumerRecord<byte[], byte[]> record) throws InvalidProtocolBufferException {
        Header header = record.headers().lastHeader(KeyTopicWriter.FAREWELL);
        DataKeyEntry farewell =
                header == null ? DataKeyEntry.getDefaultInstance() : DataKeyEntry.parseFrom(header.value());
        boolean counts = table.removed(key, farewell, seals.of(farewell, record.timestamp()));
        if (counts && key.kind() == EntryKey.Kind.DATA_KEY) {
            listener.gone(key.id());
        }
        return counts ? Taken.COUNTS : Taken.PASSED_OVER;
    }

    private Taken accepted(EntryKey key, ConsumerRecord<byte[], byte[]> record) throws InvalidProtocolBufferException {
        DataKeyEntry entry = DataKeyEntry.parseFrom(record.value());
        if (EntryKey.of(entry).filter(key::equals).isEmpty()
                || !table.accept(entry, seals.of(entry, record.timestamp()))) {
            return Taken.PASSED_OVER;
        }
        if (entry.hasErasure()) {
            listener.gone(key.id());
            if (confirmed) {
                writer.renewSoon();
            }
        }
        if (key.kind() != EntryKey.Kind.BEGUN) {
            listener.known(key.id());
        }
        // Only what stood there when this node started: while the key is changed, nodes seal with either
        // of the two, and would never end to seal anew what the others have sealed.
        return !confirmed && seals.byOtherKey(entry) ? Taken.BY_OTHER_KEY : Taken.COUNTS;
    }

    /** Whatever stands on the topic takes the place of what stood there under its key, also what does not count. */
    private void note(EntryKey key, boolean removal, Taken taken) {
        Optional<Seal> standing = table.seal(key);
        if (key.kind() == EntryKey.Kind.DATA_KEY && table.erasedMs(key.id()).isPresent()) {
            if (removal) {
                owed.settled(key);
            } else {
                // Whoever wrote it did not know of the erasure yet, or is no node. It must not stay behind
                // the record that removed the key.
                owed.owe(key, System.nanoTime());
            }
        } else if (taken == Taken.PASSED_OVER && standing.isPresent()) {
            boolean sealed = standing.get() != Seal.NONE;
            LOG.error(
                    "what stood on the topic of data keys was removed by no node that is known; it is kept, and {}: {} id={}",
                    sealed ? "written anew" : "not written anew, as no node that is known has sealed it",
                    key.kind(),
                    key.id());
            if (sealed) {
                owed.owe(key, System.nanoTime());
            }
        } else if (taken == Taken.BY_OTHER_KEY) {
            // Later, since whoever has just written it may be about to write it once more, as when a key
            // gets another owner.
            owed.owe(key, System.nanoTime() + patience.toNanos());
        } else if (standing.filter(Seal.UNDATED::equals).isPresent()) {
            owed.owe(key, System.nanoTime());
        } else {
            owed.settled(key);
        }
    }

    private final class OwedWriter implements OwedRecords.Writer {

        private final AtomicInteger refused = new AtomicInteger();
        private volatile @Nullable Throwable cause;
        private long tellNanos = System.nanoTime();

        @Override
        public void entry(EntryKey key, DataKeyEntry entry) {
            said(writer.write(key.toBytes(), entry));
        }

        @Override
        public void removal(EntryKey key) {
            said(writer.removeKey(key.id()));
        }

        private void said(CompletableFuture<Long> written) {
            written.whenComplete((place, failure) -> {
                if (failure != null) {
                    cause = failure;
                    refused.incrementAndGet();
                }
            });
        }

        /** One line for all that failed in a while. The loop's. */
        private void tell(long now) {
            if (refused.get() > 0 && now - tellNanos >= 0) {
                tellNanos = now + patience.toNanos();
                LOG.warn(
                        "what the topic of data keys has to say was not written, and is tried again: records={} cause={}",
                        refused.getAndSet(0),
                        String.valueOf(cause));
            }
        }
    }

    @Override
    public void close() {
        loop.close();
        writer.close();
    }
}
