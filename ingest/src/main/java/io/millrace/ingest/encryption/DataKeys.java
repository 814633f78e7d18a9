package io.millrace.ingest.encryption;

import io.millrace.ingest.encryption.KeyTable.Stored;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.Erasure;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data keys of all organisations that encrypt: made, looked up, erased. What is unwrapped stays in memory for a while, and
 * leaves it at once when the key is erased. Safe from any thread; never blocks.
 */
final class DataKeys implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DataKeys.class);

    /** For so long a key may be unknown that another node has just made. */
    private static final Duration ARRIVAL = Duration.ofSeconds(5);

    private static final Duration SWEEP = Duration.ofSeconds(5);
    private static final int WAITING = 8;
    private static final int MOST_KEPT = 100_000;
    /** So many keys at once are tried to be forgotten again. */
    private static final int MOST_AGAIN = 100;

    private final Map<UUID, WrappingKeys> wrapping;
    private final Duration keep;
    private final KeyTable table = new KeyTable();
    private final KeyTopic topic;
    private final Map<UUID, Kept> kept = new ConcurrentHashMap<>();
    private final Map<UUID, CompletableFuture<Void>> arrivals = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-data-keys-sweep").daemon(true).factory());

    /** Wait for wrapping keys that are not in this process. */
    private final ExecutorService waiting = Executors.newFixedThreadPool(
            WAITING,
            Thread.ofPlatform().name("millrace-wrapping-keys-", 0).daemon(true).factory());

    /** Keys that are to be forgotten, of which Kafka did not take that. */
    private final Set<UUID> unforgotten = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Throwable notForgotten;

    private record Kept(DataKey key, long untilNanos) {}

    /**
     * Begins to read the topic.
     *
     * @param wrapping by organisation
     * @param macs by what nodes know each other's records
     * @param patience for writing a record
     * @param keep how long an unwrapped key stays in memory
     * @param beatEvery how often something is written, that Kafka may close segments
     */
    DataKeys(
            Map<UUID, WrappingKeys> wrapping,
            ClientSettings clients,
            CommandMacs macs,
            String node,
            Duration patience,
            Duration keep,
            Duration beatEvery) {
        this.wrapping = Map.copyOf(wrapping);
        this.keep = keep;
        topic = new KeyTopic(clients, new KeySeals(macs), node, patience, beatEvery, table, new Heard());
        Recurring.start(timer, SWEEP, SWEEP, "unwrapped data keys could not be taken out of memory", this::sweep);
    }

    /** @return what it waits for before any key can be used; empty: nothing */
    Optional<String> notReady() {
        return topic.current()
                ? Optional.empty()
                : Optional.of("the topic of data keys has not been read to its end within "
                        + KeyTopic.TRUSTED.toSeconds() + " s");
    }

    boolean awaitReady(Duration longest) throws InterruptedException {
        return topic.awaitRead(longest) && topic.current();
    }

    private void expectCurrent() {
        if (!topic.current()) {
            throw new UnavailableException(
                    "expected to know all data keys, but this node has not read their topic to its"
                            + " end within the last " + KeyTopic.TRUSTED.toSeconds() + " s");
        }
    }

    /**
     * Makes a key.
     *
     * @param id an id that no key has had
     * @return the key, once it is on Kafka
     */
    CompletableFuture<DataKey> make(UUID orgId, UUID id, Owner owner) {
        return make(orgId, id, owner, false);
    }

    /**
     * Makes a key for what one command carries.
     *
     * @return the key, once it is on Kafka; {@link #ofOwner} never answers it
     */
    CompletableFuture<DataKey> makeForOneCommand(UUID orgId, Owner owner) {
        return make(orgId, UUID.randomUUID(), owner, true);
    }

    private CompletableFuture<DataKey> make(UUID orgId, UUID id, Owner owner, boolean ofOneCommand) {
        return Failures.caught(() -> {
            expectCurrent();
            DataKey key = DataKey.random(id, orgId);
            kept.put(id, new Kept(key, System.nanoTime() + keep.toNanos()));
            return wrapped(key, orgId, owner, ofOneCommand).thenApply(written -> key);
        });
    }

    private WrappingKeys wrapping(UUID orgId) {
        return Objects.requireNonNull(wrapping.get(orgId), "wrapping keys of an organisation that encrypts");
    }

    /** @return its place on the topic, once the key is on Kafka, wrapped */
    private CompletableFuture<Long> wrapped(DataKey key, UUID orgId, Owner owner, boolean ofOneCommand) {
        WrappingKey wrapper = wrapping(orgId).first();
        return by(wrapper, () -> key.with(secret -> wrapper.wrap(secret, DataKey.associated(orgId, key.id()))))
                .thenCompose(wrapped -> topic.writer()
                        .writeKey(
                                key.id(),
                                new Stored(
                                                orgId,
                                                owner,
                                                System.currentTimeMillis(),
                                                wrapper.id(),
                                                wrapped,
                                                ofOneCommand,
                                                Seal.NODE)
                                        .toRecord(key.id())));
    }

    /** Callers never wait: for a key that is not in this process others do. */
    private <T> CompletableFuture<T> by(WrappingKey key, Supplier<T> work) {
        return key.away()
                ? CompletableFuture.supplyAsync(work, waiting)
                : CompletableFuture.completedFuture(work.get());
    }

    /** @return a key of the owner, made where there is none; several nodes may make one each at the same time */
    CompletableFuture<DataKey> ofOwner(UUID orgId, Owner owner) {
        return Failures.caught(() -> {
            expectCurrent();
            return table.ofOwner(orgId, owner).stream()
                    .filter(id -> !ofOneCommand(id))
                    .min(Comparator.naturalOrder())
                    .map(id -> find(orgId, id))
                    .orElseGet(() -> make(orgId, UUID.randomUUID(), owner));
        });
    }

    /**
     * Finds a key that stands in an envelope.
     *
     * @return the key; fails with {@link ErasedException} if it was erased, and with {@link UnavailableException} if it cannot
     *     be had
     */
    CompletableFuture<DataKey> find(UUID orgId, UUID id) {
        return Failures.caught(() -> {
            expectCurrent();
            return now(orgId, id).orElseGet(() -> await(orgId, id));
        });
    }

    /** @return the key, if this node knows it; fails as {@link #find} does */
    private Optional<CompletableFuture<DataKey>> now(UUID orgId, UUID id) {
        Kept there = kept.get(id);
        if (there != null && there.key().orgId().equals(orgId)) {
            return Optional.of(CompletableFuture.completedFuture(there.key()));
        }
        OptionalLong erasedMs = table.erasedMs(orgId, id);
        if (erasedMs.isPresent()) {
            throw new ErasedException(erasedMs.getAsLong());
        }
        return stored(orgId, id).map(stored -> unwrapped(orgId, id, stored));
    }

    /** Those of other organisations are unknown: nobody learns anything of them. */
    private Optional<Stored> stored(UUID orgId, UUID id) {
        return table.find(id).filter(stored -> stored.orgId().equals(orgId));
    }

    private CompletableFuture<DataKey> unwrapped(UUID orgId, UUID id, Stored stored) {
        WrappingKey wrapper = wrapping(orgId)
                .named(stored.wrappingKey())
                .orElseThrow(() -> new UnavailableException("expected the wrapping key " + stored.wrappingKey()
                        + " of the organisation " + orgId + ", but its file does not have it"));
        return by(wrapper, () -> unwrapped(wrapper, orgId, id, stored));
    }

    private DataKey unwrapped(WrappingKey wrapper, UUID orgId, UUID id, Stored stored) {
        byte[] secret = wrapper.unwrap(stored.wrapped(), DataKey.associated(orgId, id))
                .orElseThrow(() -> new UnavailableException("expected the wrapping key " + stored.wrappingKey()
                        + " of the organisation " + orgId + " to unwrap a data key, but it does not fit"));
        DataKey key = new DataKey(id, orgId, secret);
        Kept others = kept.putIfAbsent(id, new Kept(key, System.nanoTime() + keep.toNanos()));
        if (table.find(id).isEmpty()) {
            drop(id); // erased meanwhile
            table.erasedMs(orgId, id).ifPresent(atMs -> {
                throw new ErasedException(atMs);
            });
            throw new UnavailableException("expected the data key " + id + ", but it was removed at this moment");
        }
        if (others != null) {
            key.destroy();
            return others.key();
        }
        return key;
    }

    private CompletableFuture<DataKey> await(UUID orgId, UUID id) {
        CompletableFuture<Void> arrival = arrivals.computeIfAbsent(
                id,
                awaited -> new CompletableFuture<Void>()
                        .orTimeout(ARRIVAL.toMillis(), TimeUnit.MILLISECONDS)
                        .whenComplete((known, late) -> arrivals.remove(id)));
        if (stored(orgId, id).isPresent() || table.erasedMs(orgId, id).isPresent()) {
            arrival.complete(null); // it came before anybody waited
        }
        return arrival.handle((known, late) -> now(orgId, id)
                        .orElseThrow(() -> new UnavailableException(
                                "expected the data key " + id + ", but it is not on its topic")))
                .thenCompose(key -> key);
    }

    /** @return whose key it is, if this node knows it */
    Optional<Owner> owner(UUID orgId, UUID id) {
        return stored(orgId, id).map(Stored::owner);
    }

    /** @return whether the key encrypts what one command carried and nothing else, as far as this node knows */
    boolean ofOneCommand(UUID id) {
        return table.find(id).filter(Stored::ofOneCommand).isPresent();
    }

    /** @return completes once this node knows all that stood on the topic when it was asked for */
    CompletableFuture<Void> upToDate() {
        return topic.upToDate();
    }

    /** @return ids of the owner's keys */
    Collection<UUID> idsOf(UUID orgId, Owner owner) {
        return table.ofOwner(orgId, owner);
    }

    /** @return when keys of the owner were erased last */
    OptionalLong erasedMs(UUID orgId, Owner owner) {
        return table.erasedMs(orgId, owner);
    }

    /** @return when the key was erased; nothing where it is not the organisation's */
    OptionalLong erasedMs(UUID orgId, UUID id) {
        return table.erasedMs(orgId, id);
    }

    /**
     * Lets the key be erased along with another one. An erasure that comes before it on the topic cannot know of it, so it is erased
     * at once where that one was.
     *
     * @param other with which it is to be erased
     * @return completes once that is on Kafka; fails with {@link ErasedException} where the other one was erased
     */
    CompletableFuture<Void> giveTo(UUID orgId, UUID id, UUID other, Owner owner) {
        return find(orgId, id)
                .thenCompose(key -> wrapped(key, orgId, owner, ofOneCommand(id)))
                .thenCompose(topic::read)
                .thenCompose(read -> {
                    OptionalLong atMs = table.erasedOrBegunMs(other);
                    return atMs.isPresent()
                            ? erasedWith(orgId, id, owner, atMs.getAsLong())
                            : CompletableFuture.completedFuture(null);
                });
    }

    /** Erases a key that came too late for the erasure of those with which it is to be erased; always fails. */
    CompletableFuture<Void> erasedWith(UUID orgId, UUID id, Owner owner, long atMs) {
        return erase(orgId, id, owner, atMs)
                .thenCompose(erased -> CompletableFuture.failedFuture(new ErasedException(atMs)));
    }

    /**
     * Removes a key under which stands nothing that anybody needs. It is tried until Kafka knows.
     */
    void forget(UUID id) {
        drop(id);
        topic.writer().forgetKey(id).whenComplete((place, failure) -> {
            if (failure != null) {
                unforgotten.add(id);
                notForgotten = failure;
            }
        });
    }

    private void forgetAgain() {
        List<UUID> again = unforgotten.stream().limit(MOST_AGAIN).toList();
        if (!again.isEmpty()) {
            LOG.warn(
                    "data keys under which stands nothing were not removed, and that is tried again: keys={} cause={}",
                    unforgotten.size(),
                    String.valueOf(notForgotten));
            again.forEach(id -> {
                unforgotten.remove(id);
                forget(id);
            });
        }
    }

    /**
     * Says that keys are going to be erased.
     *
     * @return once that is on Kafka, and so they are erased whichever node dies: the erasure with all keys that its owner had then
     */
    CompletableFuture<BegunErasure> begin(BegunErasure erasure) {
        return Failures.caught(() -> {
            expectCurrent();
            return topic.writer()
                    .writeBegun(erasure.id(), erasure.toRecord())
                    .thenCompose(topic::read)
                    .thenApply(read -> table.begun(erasure.id()).orElse(erasure));
        });
    }

    /** @return erasures that have begun and not ended, of which this node has heard so long ago */
    List<BegunErasure> begunBefore(Duration age) {
        return table.begunBefore(age);
    }

    /** @return completes once it is on Kafka that the erasure has ended */
    CompletableFuture<Void> end(BegunErasure erasure) {
        return topic.writer().removeBegun(erasure.id()).thenRun(() -> table.ended(erasure.id()));
    }

    /**
     * Erases keys. To do it again changes nothing.
     *
     * @return completes once it is on Kafka, and this node has forgotten them; others do within a moment
     */
    CompletableFuture<Void> erase(BegunErasure begun) {
        return Failures.caught(() -> {
            expectCurrent();
            return CompletableFuture.allOf(begun.keyIds().stream()
                    .map(id -> erase(begun.orgId(), id, begun.owner(), begun.atMs()))
                    .toArray(CompletableFuture[]::new));
        });
    }

    private CompletableFuture<Void> erase(UUID orgId, UUID id, Owner owner, long atMs) {
        DataKeyEntry erasure = DataKeyEntry.newBuilder()
                .setErasure(Erasure.newBuilder()
                        .setKeyId(Ids.toByteString(id))
                        .setOrgId(Ids.toByteString(orgId))
                        .setOwner(owner.toRecord())
                        .setErasedAtMs(atMs))
                .build();
        return topic.writer()
                .writeErasure(id, erasure)
                .thenCompose(written -> topic.writer().removeKey(id))
                .thenRun(() -> {
                    table.accept(erasure);
                    drop(id);
                });
    }

    private void drop(UUID id) {
        Kept there = kept.remove(id);
        if (there != null) {
            there.key().destroy();
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        boolean none = !topic.current();
        int over = kept.size() - MOST_KEPT;
        for (Map.Entry<UUID, Kept> entry : kept.entrySet()) {
            if (none || over > 0 || now - entry.getValue().untilNanos() >= 0) {
                drop(entry.getKey());
                over--;
            }
        }
        forgetAgain();
    }

    /** Stops, and overwrites what is in memory. */
    @Override
    public void close() {
        timer.shutdownNow();
        waiting.shutdownNow();
        topic.close();
        kept.keySet().forEach(this::drop);
    }

    private final class Heard implements KeyTopic.Listener {

        @Override
        public void known(UUID keyId) {
            CompletableFuture<Void> arrival = arrivals.get(keyId);
            if (arrival != null) {
                arrival.complete(null);
            }
        }

        @Override
        public boolean waits() {
            return !arrivals.isEmpty();
        }

        @Override
        public void gone(UUID keyId) {
            drop(keyId);
        }

        @Override
        public void anew() {
            kept.keySet().forEach(DataKeys.this::drop);
        }
    }
}
