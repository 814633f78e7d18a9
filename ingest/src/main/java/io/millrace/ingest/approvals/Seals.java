package io.millrace.ingest.approvals;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.Principal;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Seals what is asked for with the key by which nodes know each other's commands. It is read back from a database, and whoever can
 * write there must not be able to ask in another's name. Any thread.
 */
final class Seals {

    /** No partition has this number, so no seal is the MAC of a command. */
    private static final int NO_PARTITION = -1;

    private final CommandMacs macs;

    Seals(CommandMacs macs) {
        this.macs = macs;
    }

    /** @return the seal; the empty text where nodes have no keys */
    String of(
            UUID orgId,
            UUID id,
            ApprovalAction action,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            Principal principal,
            String expires,
            String reason) {
        return of(orgId, id, action, executionId, taskId, null, Map.of(), principal, expires, reason);
    }

    /**
     * As above.
     *
     * @param subject the data subject that it is about, or null
     * @param how what was asked for besides
     */
    String of(
            UUID orgId,
            UUID id,
            ApprovalAction action,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            @Nullable String subject,
            Map<String, String> how,
            Principal principal,
            String expires,
            String reason) {
        byte[] text =
                text(orgId, id, what(action.name(), subject, how), executionId, taskId, principal, expires, reason);
        byte[] sealed = macs.seal(NO_PARTITION, text);
        return Base64.getEncoder().encodeToString(Arrays.copyOfRange(sealed, text.length, sealed.length));
    }

    /** @return whether a node has sealed what the entry says; true where nodes have no keys */
    boolean holds(Approval approval) {
        TrailEntry entry = approval.request();
        byte[] text = text(
                entry.orgId(),
                approval.id(),
                what(entry.details().get("action"), approval.subject().orElse(null), approval.how()),
                entry.executionId(),
                entry.taskId(),
                entry.principal(),
                entry.details().get(Approval.EXPIRES),
                entry.reason());
        try {
            byte[] seal = Base64.getDecoder().decode(entry.details().getOrDefault("seal", ""));
            byte[] sealed = Arrays.copyOf(text, text.length + seal.length);
            System.arraycopy(seal, 0, sealed, text.length, seal.length);
            MacVerdict verdict = macs.check(NO_PARTITION, sealed, CommandRecord.parseFrom(sealed));
            return verdict == MacVerdict.MAC_VALID || verdict == MacVerdict.MAC_UNCHECKED;
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            return false;
        }
    }

    private static @Nullable String what(@Nullable String action, @Nullable String subject, Map<String, String> how) {
        String what = subject == null ? action : action + " " + subject;
        return how.isEmpty() ? what : what + " " + new TreeMap<>(how);
    }

    /** Each part with its length, so that none can end where another begins. */
    private static byte[] text(
            UUID orgId,
            UUID id,
            @Nullable String action,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            Principal principal,
            @Nullable String expires,
            @Nullable String reason) {
        String text = List.of(
                        orgId,
                        id,
                        String.valueOf(action),
                        String.valueOf(executionId),
                        String.valueOf(taskId),
                        principal.getType(),
                        principal.getId(),
                        principal.getRole(),
                        principal.getCredential(),
                        String.valueOf(expires),
                        Objects.toString(reason, ""))
                .stream()
                .map(part -> part.toString().length() + ":" + part)
                .collect(Collectors.joining(","));
        return CommandRecord.newBuilder().setReason(text).build().toByteArray();
    }
}
