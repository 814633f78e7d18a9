package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DataKeyEntry;
import io.millrace.proto.v1.ErasureBegun;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * An erasure that has begun and not ended. It stands on the topic of data keys meanwhile, so that another node ends it if the one that
 * began it dies.
 *
 * @param id of the erasure
 * @param owner in whose name the keys are erased
 * @param keyIds the keys
 * @param atMs when it was begun, which counts as the time of the erasure; milliseconds since the epoch
 * @param approvalId the approval by which it was begun, if one was needed
 */
public record BegunErasure(UUID id, UUID orgId, Owner owner, Set<UUID> keyIds, long atMs, Optional<UUID> approvalId) {

    /** Copies the keys. */
    public BegunErasure {
        keyIds = Set.copyOf(keyIds);
    }

    /** @return the same with more keys */
    BegunErasure with(Collection<UUID> more) {
        Set<UUID> all = new HashSet<>(keyIds);
        all.addAll(more);
        return new BegunErasure(id, orgId, owner, all, atMs, approvalId);
    }

    DataKeyEntry toRecord() {
        return DataKeyEntry.newBuilder()
                .setBegun(ErasureBegun.newBuilder()
                        .setErasureId(Ids.toByteString(id))
                        .setOrgId(Ids.toByteString(orgId))
                        .setOwner(owner.toRecord())
                        .addAllKeyIds(keyIds.stream().map(Ids::toByteString).toList())
                        .setErasedAtMs(atMs)
                        .setApprovalId(approvalId.map(Ids::toByteString).orElse(ByteString.EMPTY)))
                .build();
    }

    static BegunErasure of(ErasureBegun record) {
        return new BegunErasure(
                Ids.fromBytes(record.getErasureId()),
                Ids.fromBytes(record.getOrgId()),
                Owner.of(record.getOwner()),
                record.getKeyIdsList().stream().map(Ids::fromBytes).collect(Collectors.toSet()),
                record.getErasedAtMs(),
                record.getApprovalId().isEmpty()
                        ? Optional.empty()
                        : Optional.of(Ids.fromBytes(record.getApprovalId())));
    }
}
