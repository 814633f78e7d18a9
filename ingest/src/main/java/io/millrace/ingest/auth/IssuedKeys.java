package io.millrace.ingest.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.RateLimits;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.KeyLimits;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API keys that were made while nodes ran, as the directory tells of them: a change counts on every node as soon as
 * it has read it, after milliseconds. Only what a node has sealed is believed. What is revoked stays so, whatever is written
 * later. Look-ups are in memory and never block; safe from any thread.
 */
public final class IssuedKeys {

    private static final Logger LOG = LoggerFactory.getLogger(IssuedKeys.class);

    /** No partition has this number, and seals of approvals have another one, so no seal is that of something else. */
    private static final int NO_PARTITION = -2;

    private final Set<UUID> organisations;
    private final CommandMacs macs;
    private final Directory directory;
    private final InstantSource clock;
    private final Map<UUID, Issued> byId = new ConcurrentHashMap<>();
    /** What a digest stands for never changes, what is known of it does: so that is looked up there, in one place. */
    private final Map<KeyDigest, UUID> ids = new ConcurrentHashMap<>();

    private volatile boolean following;

    private record Issued(KeyEntry entry, ApiKey key) {}

    /** What came of looking a key up: the key, or why it is refused; neither: it is not known. */
    public record Found(@Nullable ApiKey key, @Nullable String refused) {

        private static final Found NOTHING = new Found(null, null);
    }

    private IssuedKeys(Access access, CommandMacs macs, Directory directory, InstantSource clock) {
        organisations = access.organisations().stream().map(each -> each.id()).collect(Collectors.toSet());
        this.macs = macs;
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * @param access organisations; keys of others are passed over
     * @param macs by what nodes seal keys
     * @param clock by which keys expire
     * @return all keys that there are, and from now on those that are added and changed
     */
    public static IssuedKeys follow(Access access, CommandMacs macs, Directory directory, InstantSource clock) {
        IssuedKeys keys = new IssuedKeys(access, macs, directory, clock);
        directory.followKeys(keys::accept);
        keys.following = true;
        return keys;
    }

    /** @return the key of that digest, if it may be used now */
    Found find(KeyDigest digest) {
        UUID id = ids.get(digest);
        Issued issued = id == null ? null : byId.get(id);
        if (issued == null) {
            return Found.NOTHING;
        }
        return switch (status(issued.entry())) {
            case ACTIVE -> new Found(issued.key(), null);
            case REVOKED -> new Found(null, "expected an API key that is in force, but the one given was revoked");
            case EXPIRED -> new Found(null, "expected an API key that is in force, but the one given has expired");
        };
    }

    /** How a key stands. */
    public enum Status {
        ACTIVE,
        EXPIRED,
        REVOKED
    }

    /** @return how the key stands now */
    public Status status(KeyEntry entry) {
        if (entry.getRevokedAtMs() > 0) {
            return Status.REVOKED;
        }
        return entry.getExpiresAtMs() > 0 && clock.millis() >= entry.getExpiresAtMs() ? Status.EXPIRED : Status.ACTIVE;
    }

    /** @return the keys of the organisation, the newest first */
    public List<KeyEntry> of(UUID orgId) {
        return byId.values().stream()
                .map(Issued::entry)
                .filter(entry -> Ids.fromBytes(entry.getOrgId()).equals(orgId))
                .sorted(Comparator.comparingLong(KeyEntry::getCreatedAtMs)
                        .reversed()
                        .thenComparing(entry -> Ids.fromBytes(entry.getKeyId())))
                .toList();
    }

    /** @return the key of the organisation */
    public Optional<KeyEntry> find(UUID orgId, UUID keyId) {
        return Optional.ofNullable(byId.get(keyId))
                .map(Issued::entry)
                .filter(entry -> Ids.fromBytes(entry.getOrgId()).equals(orgId));
    }

    /**
     * Looks through all keys, so it is for rare calls.
     *
     * @param credential what was shown, as the log names it
     * @return ids of who made the key, of who made the key that it was made with, and so on; none if it was made
     *     otherwise
     */
    public Set<String> makers(UUID orgId, String credential) {
        Map<String, KeyEntry> byCredential = of(orgId).stream()
                .collect(Collectors.toMap(
                        entry -> KeyDigest.ofBytes(entry.getDigest().toByteArray())
                                .publicId(),
                        entry -> entry,
                        (newer, older) -> newer));
        Set<String> makers = new HashSet<>();
        // Each is taken out, so that it ends.
        KeyEntry key = byCredential.remove(credential);
        while (key != null) {
            makers.add(key.getCreatedBy());
            key = byCredential.remove(key.getCreatedWith());
        }
        return makers;
    }

    /** @return whether only nodes can make keys: without MACs everybody could who may write to the directory */
    public boolean areSealed() {
        return macs.mode() != MacMode.OFF;
    }

    /** @return completes once the key is on Kafka, and this node knows it as it is now; as of {@link Directory#register} */
    public CompletableFuture<Void> keep(KeyEntry entry) {
        return directory.keepKey(seal(entry));
    }

    private SealedKey seal(KeyEntry entry) {
        CommandRecord carrier =
                CommandRecord.newBuilder().setCommandId(entry.toByteString()).build();
        return SealedKey.newBuilder()
                .setKeyId(entry.getKeyId())
                .setSealed(ByteString.copyFrom(macs.seal(NO_PARTITION, carrier)))
                .build();
    }

    private void accept(SealedKey sealed) {
        try {
            KeyEntry entry = open(sealed);
            if (entry == null) {
                LOG.warn(
                        "an API key in the directory was sealed by no node, and is passed over: key={}",
                        sealed.getKeyId().size() == Long.BYTES * 2 ? Ids.fromBytes(sealed.getKeyId()) : "(no id)");
                return;
            }
            if (organisations.contains(Ids.fromBytes(entry.getOrgId()))) {
                take(entry, sealed);
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            LOG.warn("an API key in the directory cannot be read, and is passed over: {}", e.getMessage());
        }
    }

    /** @return what a node has sealed; null: nothing */
    private @Nullable KeyEntry open(SealedKey sealed) throws InvalidProtocolBufferException {
        byte[] bytes = sealed.getSealed().toByteArray();
        CommandRecord carrier = CommandRecord.parseFrom(bytes);
        MacVerdict verdict = macs.check(NO_PARTITION, bytes, carrier);
        if (verdict != MacVerdict.MAC_VALID && verdict != MacVerdict.MAC_UNCHECKED) {
            return null;
        }
        KeyEntry entry = KeyEntry.parseFrom(carrier.getCommandId());
        return entry.getKeyId().equals(sealed.getKeyId()) ? entry : null;
    }

    private void take(KeyEntry entry, SealedKey sealed) {
        Issued made = new Issued(entry, key(entry));
        Issued now = byId.merge(Ids.fromBytes(entry.getKeyId()), made, IssuedKeys::later);
        ids.put(now.key().digest(), Ids.fromBytes(entry.getKeyId()));
        // Compaction keeps what was written last: the next start would know no better.
        boolean undone = !now.entry().equals(entry);
        // Sealed by a key of the nodes that is on its way out: after that nobody could check it any more. Only at the
        // start, since nodes with another first key would seal it back and forth.
        boolean old = !following && !seal(entry).equals(sealed);
        if (undone || old) {
            keep(now.entry()).exceptionally(failure -> {
                LOG.warn("an API key could not be written to the directory again: {}", failure.getMessage());
                return null;
            });
        }
    }

    private static Issued later(Issued known, Issued other) {
        boolean revoked = known.entry().getRevokedAtMs() > 0;
        if (revoked != other.entry().getRevokedAtMs() > 0) {
            return revoked ? known : other;
        }
        return other.entry().getVersion() >= known.entry().getVersion() ? other : known;
    }

    private static ApiKey key(KeyEntry entry) {
        KeyDigest digest = KeyDigest.ofBytes(entry.getDigest().toByteArray());
        Principal principal = entry.getPrincipal().toBuilder()
                .setCredential(digest.publicId())
                .build();
        Role.of(principal); // fails here if it is none that this build knows
        return new ApiKey(
                digest,
                Ids.fromBytes(entry.getOrgId()),
                principal,
                new Scope(Set.copyOf(entry.getQueuesList()), Set.copyOf(entry.getKindsList())),
                limits(entry));
    }

    /** @return what may be asked with the key, where that is not as with each key of its organisation */
    public static Optional<RateLimits> limits(KeyEntry entry) {
        KeyLimits said = entry.getLimits();
        return entry.hasLimits()
                ? Optional.of(new RateLimits(said.getCalls(), said.getBurst(), said.getPayloadBytes()))
                : Optional.empty();
    }
}
