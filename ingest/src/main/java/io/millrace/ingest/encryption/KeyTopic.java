package io.millrace.ingest.encryption;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.Beat;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.ErasureEnded;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
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
    /** So long after an erasure the writer is replaced; what was handed to the one before has been written by then. */
    private static final Duration RENEW = Duration.ofSeconds(10);

    /** From so many new keys under way on, they wait a moment and travel together: a request costs more than a record. */
    private static final int CROWD = 4;
    /** A crowd counts as one for so long after it was last seen. */
    private static final long CROWD_LASTS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Where keys come all the time, they are read so rarely, unless somebody waits for one. */
    private static final long GATHERING_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final char BEAT = 'b';
    /** Header of a record that removes something. */
    private static final String FAREWELL = "farewell";

    private final KeySeals seals;
    private final KeyTable table;
    private final Listener listener;
    private final Duration patience;
    /** The loop's. */
    private final OwedRecords owed;

    private final OwedWriter owedWriter = new OwedWriter();
    private final Duration beatEvery;
    private final byte[] beatKey;
    private final ClientSettings clients;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ReadLoop loop;
    private final CountDownLatch read = new CountDownLatch(1);
    private volatile boolean confirmed;
    private volatile long confirmedNanos;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long crowdSeenNanos = System.nanoTime() - CROWD_LASTS_NANOS;
    private volatile KeyWriters writers;
    /** Those before, until nobody can be about to use them; the loop's. */
    private @Nullable KeyWriters retired;
    /** When the writers are to be replaced; 0: it need not be. The loop's. */
    private long renewNanos;
    /** The loop's, as the next. */
    private final ToldEnds ends = new ToldEnds();

    private long askNanos = System.nanoTime();

    private long beatNanos = System.nanoTime();

    /** Who wait until a place of the topic has been read. */
    private final Queue<Reader> readers = new ConcurrentLinkedQueue<>();

    private record Reader(long offset, CompletableFuture<Void> done) {}

    /** Who wait until all has been read that there was when they asked. */
    private final Queue<Asker> askers = new ConcurrentLinkedQueue<>();

    private record Asker(long sinceNanos, CompletableFuture<Void> done) {}

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
        this.clients = clients;
        writers = KeyWriters.open(clients);
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
        tellReaders();
        if (confirmed && !polled.isEmpty() && !listener.waits() && readers.isEmpty()) {
            LockSupport.parkNanos(GATHERING_NANOS);
        }
        long now = System.nanoTime();
        confirm(now);
        renew(now);
        if (confirmed) {
            owed.write(now, owedWriter);
            owedWriter.tell(now);
        }
        if (now - beatNanos >= 0) {
            beatNanos = now + beatEvery.toNanos();
            write(
                    beatKey,
                    DataKeyEntry.newBuilder()
                            .setBeat(Beat.newBuilder().setTimeMs(System.currentTimeMillis()))
                            .build(),
                    null,
                    false);
        }
    }

    /** @return completes once this node has read all that stood there when this was called */
    CompletableFuture<Void> upToDate() {
        Asker asker = new Asker(System.nanoTime(), new CompletableFuture<>());
        askers.add(asker);
        return asker.done()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, late) -> askers.remove(asker))
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected to read the topic of data keys to its end within " + patience.toMillis()
                                + " ms, but it was not read",
                        late)));
    }

    /** @return completes once what stands at the place, and all before it, has been read by this node */
    CompletableFuture<Void> read(long offset) {
        Reader reader = new Reader(offset, new CompletableFuture<>());
        readers.add(reader);
        return reader.done()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, late) -> readers.remove(reader))
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected to read, within " + patience.toMillis()
                                + " ms, what this node wrote to the topic of data keys, but it was not read",
                        late)));
    }

    private void tellReaders() {
        if (readers.isEmpty() || consumer.assignment().isEmpty()) {
            return;
        }
        long next = consumer.position(consumer.assignment().iterator().next());
        for (Reader reader : readers) {
            if (next > reader.offset()) {
                reader.done().complete(null);
            }
        }
    }

    /** Kafka's producer keeps its buffers, with what was written by them: also keys that were erased since. */
    private void renew(long now) {
        if (renewNanos == 0 || now - renewNanos < 0) {
            return;
        }
        if (retired == null) {
            retired = writers;
            writers = KeyWriters.open(clients);
            renewNanos = now + RENEW.toNanos();
        } else {
            retired.close();
            retired = null;
            renewNanos = 0;
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
            if (confirmed && now - askNanos < 0 && askers.isEmpty()) {
                return;
            }
            ends.told(consumer.endOffsets(consumer.assignment(), patience), now);
            askNanos = now + CONFIRM.toNanos();
        }
        ends.reached(consumer::position).ifPresent(asOfNanos -> {
            confirmedNanos = asOfNanos;
            confirmed = true;
            read.countDown();
            for (Asker asker : askers) {
                if (asOfNanos - asker.sinceNanos() >= 0) {
                    asker.done().complete(null);
                }
            }
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
        Header header = record.headers().lastHeader(FAREWELL);
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
            if (confirmed && renewNanos == 0) {
                renewNanos = System.nanoTime() + RENEW.toNanos();
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
            said(KeyTopic.this.write(key.toBytes(), entry, null, false));
        }

        @Override
        public void removal(EntryKey key) {
            said(removeKey(key.id()));
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

    /** @return its place, once the key is on Kafka */
    CompletableFuture<Long> writeKey(UUID id, DataKeyEntry entry) {
        int now = underWay.incrementAndGet();
        return write(dataKey(id), entry, null, crowd(now)).whenComplete((done, failure) -> underWay.decrementAndGet());
    }

    private boolean crowd(int underWayNow) {
        long now = System.nanoTime();
        if (underWayNow >= CROWD) {
            crowdSeenNanos = now;
            return true;
        }
        return now - crowdSeenNanos < CROWD_LASTS_NANOS;
    }

    /** @return its place, once it is on Kafka that a node forgets the key, and with that the key is removed */
    CompletableFuture<Long> forgetKey(UUID id) {
        return write(
                dataKey(id),
                null,
                DataKeyEntry.newBuilder()
                        .setKey(io.millrace.proto.v1.DataKey.newBuilder().setKeyId(Ids.toByteString(id)))
                        .build(),
                false);
    }

    /** @return the place of the record, once Kafka has been told to forget the key, which was erased */
    CompletableFuture<Long> removeKey(UUID id) {
        return write(dataKey(id), null, null, false);
    }

    /** @return its place, once it is on Kafka that the key was erased */
    CompletableFuture<Long> writeErasure(UUID id, DataKeyEntry entry) {
        return write(new EntryKey(EntryKey.Kind.ERASURE, id).toBytes(), entry, null, false);
    }

    /** @return its place, once it is on Kafka that the erasure has begun */
    CompletableFuture<Long> writeBegun(UUID erasureId, DataKeyEntry entry) {
        return write(new EntryKey(EntryKey.Kind.BEGUN, erasureId).toBytes(), entry, null, false);
    }

    /** @return its place, once it is on Kafka that the erasure has ended */
    CompletableFuture<Long> removeBegun(UUID erasureId) {
        return write(
                new EntryKey(EntryKey.Kind.BEGUN, erasureId).toBytes(),
                null,
                DataKeyEntry.newBuilder()
                        .setEnded(ErasureEnded.newBuilder().setErasureId(Ids.toByteString(erasureId)))
                        .build(),
                false);
    }

    private static byte[] dataKey(UUID id) {
        return new EntryKey(EntryKey.Kind.DATA_KEY, id).toBytes();
    }

    /**
     * @param entry null removes what stands under the key
     * @param farewell why it is removed; null: it was erased, or is not removed
     * @param crowd whether others come at the same time, so that they may travel together
     */
    private CompletableFuture<Long> write(
            byte[] key, @Nullable DataKeyEntry entry, @Nullable DataKeyEntry farewell, boolean crowd) {
        CompletableFuture<Long> written = new CompletableFuture<>();
        TopicWriter writer = crowd ? writers.gathering() : writers.prompt();
        DataKeyEntry sealed = entry == null ? null : seals.sealed(entry);
        DataKeyEntry said = farewell == null ? null : seals.sealed(farewell);
        List<Header> headers = said == null ? List.of() : List.of(new RecordHeader(FAREWELL, said.toByteArray()));
        writer.write(0, key, sealed == null ? null : sealed.toByteArray(), headers, patience, (where, failure) -> {
            if (failure == null) {
                RecordMetadata place = Objects.requireNonNull(where, "place of a record that was written");
                DataKeyEntry dated = sealed == null ? said : sealed;
                if (dated == null || seals.prompt(dated, place.timestamp())) {
                    written.complete(place.offset());
                } else {
                    written.completeExceptionally(new UnavailableException(
                            "expected the clocks of this node and of Kafka's broker to be less than ten minutes apart,"
                                    + " but they show "
                                    + Instant.ofEpochMilli(dated.getSealedAtMs()) + " and "
                                    + Instant.ofEpochMilli(place.timestamp())));
                }
            } else {
                written.completeExceptionally(failure);
            }
        });
        return written.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected a data key to be on Kafka within " + patience.toMillis()
                                + " ms, but it was not acknowledged",
                        failure)));
    }

    @Override
    public void close() {
        loop.close();
        writers.close();
        if (retired != null) {
            retired.close();
        }
    }
}
