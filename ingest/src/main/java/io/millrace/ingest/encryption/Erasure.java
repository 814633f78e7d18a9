package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Erases what stands under data keys, by erasing the keys. Says first what would be erased, so that it can be noted on the log
 * before. Safe from any thread, never blocks.
 */
public final class Erasure {

    private final Encryption encryption;

    Erasure(Encryption encryption) {
        this.encryption = encryption;
    }

    /**
     * What is to be erased.
     *
     * @param owner whose keys they are
     * @param keyIds the keys; none where all were erased before
     * @param beforeMs when they were, milliseconds since the epoch; empty: they are there
     */
    public record Plan(Owner owner, Set<UUID> keyIds, OptionalLong beforeMs) {

        /** Copies the keys. */
        public Plan {
            keyIds = Set.copyOf(keyIds);
        }

        /** @return whether there is nothing left to erase */
        public boolean done() {
            return keyIds.isEmpty();
        }
    }

    /**
     * To be waited for before anything is planned: another node may have made a key a moment ago.
     *
     * @return completes once this node knows all keys that were there when this was called
     */
    public CompletableFuture<Void> upToDate() {
        return encryption.any() ? encryption.keys().upToDate() : CompletableFuture.completedFuture(null);
    }

    /**
     * @param executionId a workflow, or a standalone task
     * @param input its input, as it is stored
     * @param others what else is stored of it
     * @param gone which of {@link #othersIn} are no executions
     * @throws RefusedException if it is not encrypted, or by keys that are not its own
     */
    public Plan ofExecution(UUID orgId, UUID executionId, ByteString input, List<ByteString> others, Set<UUID> gone) {
        Owner self = new Owner.Execution(executionId);
        UUID main = (encryption.decrypts(orgId) ? Decryption.keysIn(input) : Set.<UUID>of())
                .stream()
                        .findFirst()
                        .orElseThrow(() -> new RefusedException(
                                RefusalReason.FAILED_PRECONDITION,
                                "expected an execution whose payloads are encrypted, but those of " + executionId
                                        + " stand on Kafka in plain text, where nothing can be erased"));
        expectCurrent();
        OptionalLong before = encryption.keys().erasedMs(orgId, main);
        if (before.isPresent()) {
            return new Plan(self, Set.of(), before);
        }
        Owner owner = encryption
                .keys()
                .owner(orgId, main)
                .orElseThrow(() ->
                        new UnavailableException("expected the data key " + main + ", but it is not on its topic"));
        if (!owner.equals(self)) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected an execution with a data key of its own, but the payloads of " + executionId
                            + " are encrypted by the key of the " + owner + ": erase that");
        }
        Set<UUID> ids = new LinkedHashSet<>(encryption.keys().idsOf(orgId, owner));
        for (ByteString other : others) {
            for (UUID id : Decryption.keysIn(other)) {
                // A signal that seemed to start its workflow has a key of its own, in the name of one
                // that never was. The key of one that is there stands here because somebody has copied
                // it, and is not this one's to be erased.
                if (encryption.keys().ofOneCommand(id)
                        || encryption
                                .keys()
                                .owner(orgId, id)
                                .filter(named -> named.equals(owner)
                                        || named instanceof Owner.Execution(UUID namedId) && gone.contains(namedId))
                                .isPresent()) {
                    ids.add(id);
                }
            }
        }
        return new Plan(owner, ids, OptionalLong.empty());
    }

    /**
     * @param others what is stored of the execution
     * @return other executions in whose name something of that is encrypted, if they are any
     */
    public Set<UUID> othersIn(UUID orgId, UUID executionId, List<ByteString> others) {
        Set<UUID> found = new LinkedHashSet<>();
        if (encryption.decrypts(orgId)) {
            for (ByteString other : others) {
                for (UUID id : Decryption.keysIn(other)) {
                    if (encryption.keys().owner(orgId, id).orElse(null) instanceof Owner.Execution(UUID named)
                            && !named.equals(executionId)) {
                        found.add(named);
                    }
                }
            }
        }
        return found;
    }

    /** @throws RefusedException if nothing is encrypted by a key of the subject, and never was */
    public Plan ofSubject(UUID orgId, String name) {
        Owner owner = new Owner.Subject(name);
        if (encryption.decrypts(orgId)) {
            expectCurrent();
            Set<UUID> ids = Set.copyOf(encryption.keys().idsOf(orgId, owner));
            OptionalLong before = encryption.keys().erasedMs(orgId, owner);
            if (!ids.isEmpty() || before.isPresent()) {
                return new Plan(owner, ids, ids.isEmpty() ? before : OptionalLong.empty());
            }
        }
        throw RefusedException.notFound(
                "expected a data subject by whose key anything is encrypted, but there is none of that name");
    }

    private void expectCurrent() {
        encryption.notReady().ifPresent(why -> {
            throw new UnavailableException("expected to know all data keys, but " + why);
        });
    }

    /**
     * Says on Kafka that what is planned is going to be erased. From then on it is, whichever node dies: one that stays is ended by
     * another node.
     *
     * @param approvalId the approval by which it is done, if one was needed
     * @return the erasure, with all keys that the owner had on Kafka by then, whichever node made them
     */
    public CompletableFuture<BegunErasure> begin(UUID orgId, Plan plan, Optional<UUID> approvalId) {
        BegunErasure begun = new BegunErasure(
                UUID.randomUUID(), orgId, plan.owner(), plan.keyIds(), System.currentTimeMillis(), approvalId);
        return encryption.keys().begin(begun);
    }

    /** @return completes once it is on Kafka, and this node can decrypt nothing any more; other nodes can for a moment */
    public CompletableFuture<Void> carryOut(BegunErasure begun) {
        return encryption.keys().erase(begun);
    }

    /** Says on Kafka that the erasure has ended, and nobody has to end it any more. */
    public CompletableFuture<Void> end(BegunErasure begun) {
        return encryption.keys().end(begun);
    }

    /** @return erasures that were begun, by whatever node, and have not ended although this node heard of them so long ago */
    public List<BegunErasure> begunBefore(Duration age) {
        return encryption.any() ? encryption.keys().begunBefore(age) : List.of();
    }

    /** @return the time from which on nobody can have an erased key any more, milliseconds since the epoch */
    public long nowhereMs(long erasedMs) {
        return erasedMs + encryption.times().within().toMillis();
    }
}
