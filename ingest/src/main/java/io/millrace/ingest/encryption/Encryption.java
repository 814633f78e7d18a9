package io.millrace.ingest.encryption;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.Organisation;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Encryption of payloads on this node: which organisations have it, and their data keys. Where none has, it does nothing. Safe
 * from any thread.
 */
public final class Encryption implements AutoCloseable {

    /** Entry of the metadata of a start that names the data subject. */
    public static final String SUBJECT = "dataSubject";

    /** Encryption of nothing. */
    public static final Encryption NONE = new Encryption(Set.of(), Set.of(), null, null);

    private final Set<UUID> known;
    private final Set<UUID> on;
    /** Null where no organisation has encryption, as the next. */
    private final @Nullable DataKeys keys;

    private final @Nullable ErasureTimes times;

    private Encryption(Set<UUID> known, Set<UUID> on, @Nullable DataKeys keys, @Nullable ErasureTimes times) {
        this.known = Set.copyOf(known);
        this.on = Set.copyOf(on);
        this.keys = keys;
        this.times = times;
    }

    /**
     * Begins to follow the data keys, if any organisation has some.
     *
     * @param access the organisations, which name files of wrapping keys
     * @param macs by what nodes know each other's records of data keys
     * @param node name of this node
     * @param patience for writing a data key
     * @param times how long keys may live
     * @throws ConfigException if a file of wrapping keys cannot be used
     */
    public static Encryption start(
            Access access,
            ClientSettings clients,
            CommandMacs macs,
            String node,
            Duration patience,
            ErasureTimes times) {
        Map<UUID, WrappingKeys> wrapping = new HashMap<>();
        Set<UUID> on = new HashSet<>();
        for (Organisation organisation : access.organisations()) {
            organisation.encryption().ifPresent(encryption -> {
                try {
                    wrapping.put(organisation.id(), WrappingKeys.of(encryption));
                } catch (IllegalArgumentException e) {
                    throw new ConfigException("orgs.encryption of " + organisation.slug() + ": " + e.getMessage(), e);
                }
                if (encryption.on()) {
                    on.add(organisation.id());
                }
            });
        }
        return wrapping.isEmpty()
                ? NONE
                : new Encryption(
                        wrapping.keySet(),
                        on,
                        new DataKeys(wrapping, clients, macs, node, patience, times.inMemory(), times.beat()),
                        times);
    }

    /** @return what it waits for before payloads can be encrypted and decrypted; empty: nothing */
    public Optional<String> notReady() {
        return keys == null ? Optional.empty() : keys.notReady();
    }

    /** @return whether payloads can be encrypted and decrypted within the time */
    public boolean awaitReady(Duration longest) throws InterruptedException {
        return keys == null || keys.awaitReady(longest);
    }

    /** @return whether any organisation has it */
    public boolean any() {
        return !known.isEmpty();
    }

    /** @return whether the organisation has, or had, its payloads encrypted */
    boolean decrypts(UUID orgId) {
        return known.contains(orgId);
    }

    /** @return whether payloads of the organisation that come in are encrypted */
    boolean encrypts(UUID orgId) {
        return on.contains(orgId);
    }

    /** @return the keys; there are some where any organisation has encryption */
    DataKeys keys() {
        return Objects.requireNonNull(keys, "data keys of an installation with encryption");
    }

    /** @return how soon an erased key is nowhere; known where any organisation has encryption */
    ErasureTimes times() {
        return Objects.requireNonNull(times, "times of an installation with encryption");
    }

    @Override
    public void close() {
        if (keys != null) {
            keys.close();
        }
    }
}
