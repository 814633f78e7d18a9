package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.Erasure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the topic of data keys says: wrapped keys, and which were erased. It has all of them, some 300 bytes for each. Safe from
 * any thread.
 */
final class KeyTable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyTable.class);

    private static final long CLOCKS_DIFFER_MS = 60_000;

    private final Map<UUID, Stored> keys = new ConcurrentHashMap<>();
    /** Ids of keys by owner, but for those of executions whose key has their own id. */
    private final Map<Owned, Set<UUID>> byOwner = new ConcurrentHashMap<>();

    private final Map<UUID, ErasedKey> erasedKeys = new ConcurrentHashMap<>();
    private final Map<Owned, Long> erasedOwners = new ConcurrentHashMap<>();

    /** Erasures that were passed over, of keys that are there: sealed as well as the key, they count once the key is removed. */
    private final Map<UUID, ErasedKey> erasuresPassedOver = new ConcurrentHashMap<>();
    /** Keys that are there, behind which stands a record that removes them and does not say why. */
    private final Set<UUID> removedUnsaid = ConcurrentHashMap.newKeySet();

    /** A key as it stands on the topic. */
    record Stored(
            UUID orgId,
            Owner owner,
            long madeAtMs,
            String wrappingKey,
            byte[] wrapped,
            boolean ofOneCommand,
            Seal seal) {

        /** @return as it stands on the topic, but for its seal */
        DataKeyEntry toRecord(UUID id) {
            return DataKeyEntry.newBuilder()
                    .setKey(io.millrace.proto.v1.DataKey.newBuilder()
                            .setKeyId(Ids.toByteString(id))
                            .setOrgId(Ids.toByteString(orgId))
                            .setOwner(owner.toRecord())
                            .setMadeAtMs(madeAtMs)
                            .setWrappingKey(wrappingKey)
                            .setWrapped(ByteString.copyFrom(wrapped))
                            .setOfOneCommand(ofOneCommand))
                    .build();
        }
    }

    private record ErasedKey(UUID orgId, Owner owner, long atMs, Seal seal) {

        private static ErasedKey of(Erasure record, Seal seal) {
            return new ErasedKey(
                    Ids.fromBytes(record.getOrgId()), Owner.of(record.getOwner()), record.getErasedAtMs(), seal);
        }

        private DataKeyEntry toRecord(UUID id) {
            return DataKeyEntry.newBuilder()
                    .setErasure(Erasure.newBuilder()
                            .setKeyId(Ids.toByteString(id))
                            .setOrgId(Ids.toByteString(orgId))
                            .setOwner(owner.toRecord())
                            .setErasedAtMs(atMs))
                    .build();
        }
    }

    private record Owned(UUID orgId, Owner owner) {}

    /** Erasures that have begun and not ended. */
    private final Map<UUID, Begun> begun = new ConcurrentHashMap<>();

    private record Begun(BegunErasure erasure, long seenNanos) {}

    /** Takes in a record of a node. */
    boolean accept(DataKeyEntry entry) {
        return accept(entry, Seal.NODE);
    }

    /**
     * Takes a record in. What no node has sealed may be from before nodes did so. It counts only where it can do no harm: as a key
     * that is not known by a sealed record, and as the erasure of a key that is not there, or is sealed no better and was removed
     * besides: the key of the MACs may have been changed since a node erased it. It never begins an erasure. What is a copy of an
     * older record never counts.
     *
     * @return whether it counts; false: it was passed over
     */
    boolean accept(DataKeyEntry entry, Seal seal) {
        if (seal == Seal.COPIED) {
            EntryKey.of(entry)
                    .ifPresent(key -> LOG.error(
                            "a copy of an older record on the topic of data keys is passed over: {} id={}",
                            key.kind(),
                            key.id()));
            return false;
        }
        return switch (entry.getEntryCase()) {
            case KEY -> {
                UUID id = Ids.fromBytes(entry.getKey().getKeyId());
                if (find(id).filter(known -> seal.compareTo(known.seal()) < 0).isPresent()) {
                    passedOver("a key", id);
                    yield false;
                }
                if (entry.getKey().getWrapped().isEmpty()) {
                    if (seal == Seal.NONE) {
                        yield false;
                    }
                    remove(id);
                    yield true;
                }
                put(
                        id,
                        new Stored(
                                Ids.fromBytes(entry.getKey().getOrgId()),
                                Owner.of(entry.getKey().getOwner()),
                                entry.getKey().getMadeAtMs(),
                                entry.getKey().getWrappingKey().intern(),
                                entry.getKey().getWrapped().toByteArray(),
                                entry.getKey().getOfOneCommand(),
                                seal));
                yield true;
            }
            case ERASURE -> {
                UUID id = Ids.fromBytes(entry.getErasure().getKeyId());
                ErasedKey before = erasedKeys.get(id);
                Optional<Seal> known = find(id).map(Stored::seal);
                ErasedKey erased = ErasedKey.of(entry.getErasure(), seal);
                if (known.filter(one -> seal == Seal.NONE && !removedUnsaid.contains(id) || seal.compareTo(one) < 0)
                                .isPresent()
                        || before != null && seal.compareTo(before.seal()) < 0) {
                    passedOver("the erasure of a key", id);
                    if (known.isPresent()) {
                        erasuresPassedOver.merge(
                                id, erased, (one, other) -> one.seal().compareTo(other.seal()) > 0 ? one : other);
                    }
                    yield false;
                }
                erased(id, erased);
                yield true;
            }
            case BEGUN -> {
                BegunErasure erasure = BegunErasure.of(entry.getBegun());
                if (seal != Seal.NODE) {
                    passedOver("an erasure", erasure.id());
                    yield false;
                }
                begun.putIfAbsent(erasure.id(), new Begun(erasure.with(thoseOf(erasure)), System.nanoTime()));
                yield true;
            }
            // Stands in headers only.
            case ENDED -> false;
            case BEAT, ENTRY_NOT_SET -> true;
        };
    }

    /**
     * Takes in that what stands under the key was removed.
     *
     * @param farewell what the record says of it; one without an entry says nothing
     * @return whether that counts; false: what stands there has to be written anew
     */
    boolean removed(EntryKey key, DataKeyEntry farewell, Seal seal) {
        boolean said = EntryKey.of(farewell).filter(key::equals).isPresent();
        return switch (key.kind()) {
            case DATA_KEY -> {
                boolean forgotten = said
                        && farewell.hasKey()
                        && farewell.getKey().getWrapped().isEmpty();
                find(key.id()).ifPresent(known -> removed(key.id(), known.seal(), forgotten ? seal : Seal.COPIED));
                yield find(key.id()).isEmpty();
            }
            case ERASURE -> false;
            case BEGUN -> {
                if (said && seal == Seal.NODE && farewell.hasEnded()) {
                    ended(key.id());
                }
                yield begun(key.id()).isEmpty();
            }
        };
    }

    /** @param forgotten seal of what says that a node forgets the key; COPIED where nothing says so */
    private void removed(UUID id, Seal known, Seal forgotten) {
        ErasedKey erased = erasuresPassedOver.get(id);
        // A key of an unknown key of the MACs was forgotten by a farewell of the same one.
        if (forgotten == Seal.NODE || forgotten == Seal.NONE && known == Seal.NONE) {
            remove(id);
        } else if (erased != null && erased.seal().compareTo(known) >= 0) {
            erased(id, erased);
        } else {
            removedUnsaid.add(id);
        }
    }

    private void erased(UUID id, ErasedKey erased) {
        erasedKeys.put(id, erased);
        erasedOwners.merge(new Owned(erased.orgId(), erased.owner()), erased.atMs(), Math::max);
        remove(id);
    }

    /** @return what should stand under the key, but for its seal; empty: nothing */
    Optional<DataKeyEntry> standing(EntryKey key) {
        return switch (key.kind()) {
            case DATA_KEY -> find(key.id()).map(stored -> stored.toRecord(key.id()));
            case ERASURE -> Optional.ofNullable(erasedKeys.get(key.id())).map(erased -> erased.toRecord(key.id()));
            case BEGUN -> begun(key.id()).map(BegunErasure::toRecord);
        };
    }

    /**
     * @return who sealed what should stand under the key; empty: nothing should. What no node has sealed is never to be sealed by this
     *     one
     */
    Optional<Seal> seal(EntryKey key) {
        return switch (key.kind()) {
            case DATA_KEY -> find(key.id()).map(Stored::seal);
            case ERASURE -> Optional.ofNullable(erasedKeys.get(key.id())).map(ErasedKey::seal);
            case BEGUN -> begun(key.id()).map(erasure -> Seal.NODE);
        };
    }

    private static void passedOver(String what, UUID id) {
        LOG.error(
                "{} on the topic of data keys was sealed by no node that is known, and is passed over: id={}",
                what,
                id);
    }

    /** What the owner had when it was begun: a copy of the record, put there later, must not reach what the owner got since. */
    private List<UUID> thoseOf(BegunErasure erasure) {
        return ofOwner(erasure.orgId(), erasure.owner()).stream()
                .filter(id -> find(id).filter(stored -> stored.madeAtMs() <= erasure.atMs() + CLOCKS_DIFFER_MS)
                        .isPresent())
                .toList();
    }

    private void put(UUID id, Stored stored) {
        if (erasedKeys.containsKey(id)) {
            return; // from before it was erased
        }
        Stored before = keys.put(id, stored);
        removedUnsaid.remove(id);
        if (before != null) {
            leave(id, before);
        }
        if (!stored.owner().equals(new Owner.Execution(id))) {
            byOwner.computeIfAbsent(new Owned(stored.orgId(), stored.owner()), owner -> ConcurrentHashMap.newKeySet())
                    .add(id);
        }
    }

    /** The key is there no more. */
    void remove(UUID id) {
        Stored before = keys.remove(id);
        erasuresPassedOver.remove(id);
        removedUnsaid.remove(id);
        if (before != null) {
            leave(id, before);
        }
    }

    private void leave(UUID id, Stored stored) {
        byOwner.computeIfPresent(new Owned(stored.orgId(), stored.owner()), (owner, ids) -> {
            ids.remove(id);
            return ids.isEmpty() ? null : ids;
        });
    }

    /** The erasure has ended. */
    void ended(UUID erasureId) {
        begun.remove(erasureId);
    }

    /**
     * @return the erasure, if it has begun and not ended. Its keys are those that it names, and whatever else its owner had at its
     *     place on the topic
     */
    Optional<BegunErasure> begun(UUID erasureId) {
        return Optional.ofNullable(begun.get(erasureId)).map(Begun::erasure);
    }

    /** @return when the key was erased, or an erasure of it began that has not ended; milliseconds since the epoch */
    OptionalLong erasedOrBegunMs(UUID id) {
        OptionalLong atMs = erasedMs(id);
        return atMs.isPresent()
                ? atMs
                : begun.values().stream()
                        .map(Begun::erasure)
                        .filter(one -> one.keyIds().contains(id))
                        .mapToLong(BegunErasure::atMs)
                        .min();
    }

    /** @return erasures that have not ended, of which this node has heard so long ago */
    List<BegunErasure> begunBefore(Duration age) {
        long now = System.nanoTime();
        return begun.values().stream()
                .filter(one -> now - one.seenNanos() >= age.toNanos())
                .map(Begun::erasure)
                .toList();
    }

    /** Forgets everything, before the topic is read anew. */
    void clear() {
        keys.clear();
        byOwner.clear();
        erasedKeys.clear();
        erasedOwners.clear();
        erasuresPassedOver.clear();
        removedUnsaid.clear();
        begun.clear();
    }

    Optional<Stored> find(UUID id) {
        return Optional.ofNullable(keys.get(id));
    }

    /** @return when the key was erased, milliseconds since the epoch */
    OptionalLong erasedMs(UUID id) {
        ErasedKey erased = erasedKeys.get(id);
        return erased == null ? OptionalLong.empty() : OptionalLong.of(erased.atMs());
    }

    /** @return when the key was erased, milliseconds since the epoch; nothing where it was another organisation's */
    OptionalLong erasedMs(UUID orgId, UUID id) {
        ErasedKey erased = erasedKeys.get(id);
        return erased == null || !erased.orgId().equals(orgId) ? OptionalLong.empty() : OptionalLong.of(erased.atMs());
    }

    /** @return when keys of the owner were erased last */
    OptionalLong erasedMs(UUID orgId, Owner owner) {
        Long atMs = erasedOwners.get(new Owned(orgId, owner));
        return atMs == null ? OptionalLong.empty() : OptionalLong.of(atMs);
    }

    /** @return the keys of the owner */
    Collection<UUID> ofOwner(UUID orgId, Owner owner) {
        List<UUID> ids = new ArrayList<>(byOwner.getOrDefault(new Owned(orgId, owner), Set.of()));
        if (owner instanceof Owner.Execution(UUID id)
                && find(id).filter(stored ->
                                stored.owner().equals(owner) && stored.orgId().equals(orgId))
                        .isPresent()) {
            ids.add(id);
        }
        return ids;
    }

    /** @return number of keys */
    int size() {
        return keys.size();
    }
}
