package io.millrace.ingest.encryption;

import io.millrace.proto.Ids;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.ErasureEnded;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the topic of data keys, with seals. New keys that come in a crowd travel together. Any thread, where nothing
 * else is said.
 */
final class KeyTopicWriter implements AutoCloseable {

    /** Header of a record that removes something. */
    static final String FAREWELL = "farewell";

    /** So long after an erasure the writer is replaced; what was handed to the one before has been written by then. */
    private static final Duration RENEW = Duration.ofSeconds(10);

    /** From so many new keys under way on, they wait a moment and travel together: a request costs more than a record. */
    private static final int CROWD = 4;
    /** A crowd counts as one for so long after it was last seen. */
    private static final long CROWD_LASTS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ClientSettings clients;
    private final KeySeals seals;
    private final Duration patience;
    private final AtomicInteger underWay = new AtomicInteger();
    private volatile long crowdSeenNanos = System.nanoTime() - CROWD_LASTS_NANOS;
    private volatile KeyWriters writers;
    /** Those before, until nobody can be about to use them; the loop's. */
    private @Nullable KeyWriters retired;
    /** When the writers are to be replaced; 0: it need not be. The loop's. */
    private long renewNanos;

    /** @param patience for writing a record */
    KeyTopicWriter(ClientSettings clients, KeySeals seals, Duration patience) {
        this.clients = clients;
        this.seals = seals;
        this.patience = patience;
        writers = KeyWriters.open(clients);
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

    /** @return the place of an entry, once it is on Kafka */
    CompletableFuture<Long> write(byte[] key, DataKeyEntry entry) {
        return write(key, entry, null, false);
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

    /** Something was erased that the writers may have written. The loop's. */
    void renewSoon() {
        if (renewNanos == 0) {
            renewNanos = System.nanoTime() + RENEW.toNanos();
        }
    }

    /** Kafka's producer keeps its buffers, with what was written by them: also keys that were erased since. The loop's. */
    void renew(long now) {
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

    /** Once the loop has ended. */
    @Override
    public void close() {
        writers.close();
        if (retired != null) {
            retired.close();
        }
    }
}
