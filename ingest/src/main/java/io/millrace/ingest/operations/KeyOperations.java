package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.auth.Right;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.KeyLimits;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * API keys that are made, given an end and revoked while nodes run. Each change stands in the log before it is made: a
 * key that nobody is told to have made cannot be there. Nothing blocks.
 */
public final class KeyOperations {

    /** A key is made. */
    public static final String CREATED = Approval.KEY_CREATED;

    /** A key gets another end. */
    public static final String EXPIRY = "api_key_expiry_changed";

    /** A key is revoked. */
    public static final String REVOKED = "api_key_revoked";

    /** Most keys of an organisation that are in force. */
    static final int MOST_IN_FORCE = 1_000;

    /** Most keys of an organisation: those that are over are kept, so that they stay over. */
    static final int MOST_KEPT = 10_000;

    /** Most queues, and most kinds, that a key is kept to. */
    static final int MOST_NAMES = 100;

    /** More is no limit. */
    static final long MOST_RATE = Integer.MAX_VALUE;

    /** Name of what an approval has of a key: all of it, for the node that makes it. */
    private static final String ENTRY = "entry";

    private static final int SECRET_BYTES = 32;
    private static final String USER_PREFIX = "flovyn_sk_";
    private static final String WORKER_PREFIX = "flovyn_wk_";

    private final CommandLog log;
    private final IssuedKeys keys;
    private final Checks checks;
    private final Approvals approvals;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    KeyOperations(CommandLog log, IssuedKeys keys, Checks checks, Approvals approvals, InstantSource clock) {
        this.log = log;
        this.keys = keys;
        this.checks = checks;
        this.approvals = approvals;
        this.clock = clock;
    }

    /**
     * What is asked for.
     *
     * @param type USER or WORKER
     * @param principalId whom it stands for
     * @param role a user's role; empty or WORKER for a worker
     * @param name what it is for; may be empty
     * @param queues what a worker's key is kept to; empty: all
     * @param kinds the same of kinds
     * @param lifeMs after how many milliseconds it expires; empty: never
     * @param limits what may be asked with it in a second; empty: as with each key of the organisation
     */
    public record Wanted(
            String type,
            String principalId,
            String role,
            String name,
            List<String> queues,
            List<String> kinds,
            Optional<Long> lifeMs,
            Optional<KeyLimits> limits) {}

    /**
     * A key that was made.
     *
     * @param entry what is known of it from now on
     * @param key itself, which is told once
     * @param pending nobody knows it yet, since somebody else has to approve it first; empty: it is in force
     */
    public record Made(KeyEntry entry, String key, Optional<Approvals.Pending> pending) {

        /** Leaves the key out. */
        @Override
        public String toString() {
            return "Made[" + Ids.fromBytes(entry.getKeyId()) + "]";
        }
    }

    /**
     * What came of a change.
     *
     * @param entry the key as it is now
     * @param changed false: it was so already
     */
    public record Changed(KeyEntry entry, boolean changed) {}

    /** @return the keys of the caller's organisation that were made while nodes ran, the newest first */
    public List<KeyEntry> list(Caller caller) {
        return keys.of(caller.orgId());
    }

    /** @return how the key stands */
    public IssuedKeys.Status status(KeyEntry entry) {
        return keys.status(entry);
    }

    /**
     * Makes a key.
     *
     * @param reason why; may be empty
     * @return completes once it counts on this node; others follow within moments
     */
    public CompletableFuture<Made> create(Request asking, Wanted wanted, String reason) {
        Request request = asking.because(checks.shortText("reason", reason));
        if (!keys.areSealed()) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected commands.mac.mode to be write or require, since the nodes seal keys that are made, but it is"
                            + " off; put the key into the access file");
        }
        Principal principal = principal(wanted);
        expectMayGive(request.caller(), Role.of(principal));
        boolean worker = principal.getType() == Principal.Type.WORKER;
        if (!worker && !(wanted.queues().isEmpty() && wanted.kinds().isEmpty())) {
            throw RefusedException.invalid(
                    "expected queues and kinds for the key of a worker only, but it is a user's");
        }
        expectFew("queues", wanted.queues());
        expectFew("kinds", wanted.kinds());
        wanted.queues().forEach(queue -> checks.name("queues", queue));
        wanted.kinds().forEach(kind -> checks.name("kinds", kind));
        wanted.limits().ifPresent(KeyOperations::expectSense);
        expectRoom(request.caller());
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String key = (worker ? WORKER_PREFIX : USER_PREFIX)
                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        long now = clock.millis();
        KeyEntry.Builder entry = KeyEntry.newBuilder()
                .setKeyId(Ids.toByteString(Shards.newId()))
                .setOrgId(Ids.toByteString(request.caller().orgId()))
                .setDigest(ByteString.copyFrom(KeyDigest.of(key).bytes()))
                .setPrincipal(principal)
                .addAllQueues(wanted.queues())
                .addAllKinds(wanted.kinds())
                .setName(checks.nameOrEmpty("name", wanted.name()))
                .setCreatedAtMs(now)
                .setCreatedBy(request.caller().principal().getId())
                .setCreatedWith(request.caller().principal().getCredential())
                .setExpiresAtMs(wanted.lifeMs().map(life -> now + life(life)).orElse(0L))
                .setVersion(1);
        wanted.limits().ifPresent(entry::setLimits);
        KeyEntry made = entry.build();
        return pending(request, made)
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(new Made(made, key, pending))
                        : change(request, CREATED, made).thenApply(kept -> new Made(kept, key, pending)));
    }

    /** Who can report what became of work can end it, and would need nobody's approval any more. */
    private CompletableFuture<Optional<Approvals.Pending>> pending(Request request, KeyEntry entry) {
        if (!works(entry)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Map<String, String> how = new TreeMap<>(told(entry));
        if (entry.getExpiresAtMs() > 0) {
            how.put("expires", lifeOf(entry) + " after it is approved");
        }
        how.put(ENTRY, Base64.getEncoder().encodeToString(entry.toByteArray()));
        return approvals.askForKey(request, Ids.fromBytes(entry.getKeyId()), how);
    }

    /** How long a key of which nobody has changed the end is in force. */
    private static Duration lifeOf(KeyEntry made) {
        return Duration.ofMillis(made.getExpiresAtMs() - made.getCreatedAtMs());
    }

    private static boolean works(KeyEntry entry) {
        return Right.WORK.holders().contains(Role.of(entry.getPrincipal()));
    }

    /**
     * Makes a key as it was asked for, once somebody else has approved it. Its life begins now: it may have waited for longer.
     *
     * @param request in the name of who asked
     * @param how what was asked for, as the approval has it
     * @return whether it was not there before
     */
    public CompletableFuture<Boolean> createApproved(Request request, Map<String, String> how) {
        KeyEntry entry = entry(how);
        if (keys.find(request.caller().orgId(), Ids.fromBytes(entry.getKeyId())).isPresent()) {
            return CompletableFuture.completedFuture(false);
        }
        expectMayGive(request.caller(), Role.of(entry.getPrincipal()));
        expectRoom(request.caller());
        KeyEntry living = entry.getExpiresAtMs() == 0
                ? entry
                : entry.toBuilder()
                        .setExpiresAtMs(clock.millis() + lifeOf(entry).toMillis())
                        .build();
        return change(request, CREATED, living).thenApply(made -> true);
    }

    private static KeyEntry entry(Map<String, String> how) {
        try {
            return KeyEntry.parseFrom(Base64.getDecoder().decode(how.getOrDefault(ENTRY, "")));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            throw new IllegalStateException("expected a key in an approval that a node has sealed, but it is none", e);
        }
    }

    /**
     * Gives a key another end.
     *
     * @param lifeMs after how many milliseconds from now it expires
     * @param reason why, which the server may require
     * @param expectedVersion of the key as the caller saw it; empty: whatever it is. It is held against what this node has heard
     */
    public CompletableFuture<Changed> expire(
            Request asking, String keyId, long lifeMs, String reason, OptionalLong expectedVersion) {
        Request request = asking.because(checks.reason(reason));
        KeyEntry known = known(request.caller(), keyId);
        if (known.getRevokedAtMs() > 0) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION, "expected a key that is in force, but this one was revoked");
        }
        expectAsSeen(known, expectedVersion);
        if (works(known)
                && keys.status(known) != IssuedKeys.Status.ACTIVE
                && approvals.isNeeded(request, ApprovalAction.KEYS)) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected a key that is in force, since somebody else has to approve each one that may report what"
                            + " became of work, but this one has expired: make another");
        }
        KeyEntry entry = known.toBuilder()
                .setExpiresAtMs(clock.millis() + life(lifeMs))
                .setVersion(known.getVersion() + 1)
                .build();
        return change(request, EXPIRY, entry).thenApply(made -> new Changed(made, true));
    }

    /**
     * Revokes a key, for ever.
     *
     * @param reason why, which the server may require
     * @param expectedVersion as of {@link #expire}
     */
    public CompletableFuture<Changed> revoke(
            Request asking, String keyId, String reason, OptionalLong expectedVersion) {
        Request request = asking.because(checks.reason(reason));
        KeyEntry known = known(request.caller(), keyId);
        if (known.getRevokedAtMs() > 0) {
            return CompletableFuture.completedFuture(new Changed(known, false));
        }
        expectAsSeen(known, expectedVersion);
        KeyEntry entry = known.toBuilder()
                .setRevokedAtMs(clock.millis())
                .setRevokedBy(request.caller().principal().getId())
                .setVersion(known.getVersion() + 1)
                .build();
        return change(request, REVOKED, entry).thenApply(made -> new Changed(made, true));
    }

    private static void expectAsSeen(KeyEntry known, OptionalLong expectedVersion) {
        if (expectedVersion.isPresent() && expectedVersion.getAsLong() != known.getVersion()) {
            throw new RefusedException(
                    RefusalReason.ABORTED,
                    "expected version " + expectedVersion.getAsLong() + " of the key "
                            + Ids.fromBytes(known.getKeyId()) + ", but somebody has changed it, and it is "
                            + known.getVersion() + ": look at it again");
        }
    }

    private long life(long millis) {
        if (millis < 1) {
            throw RefusedException.invalid("expected 1 or more as expiresInMs, but got " + millis);
        }
        return checks.durationMs("expiresInMs", millis);
    }

    private KeyEntry known(Caller caller, String keyId) {
        UUID id = checks.id("id", keyId);
        KeyEntry known = keys.find(caller.orgId(), id)
                .orElseThrow(() -> RefusedException.notFound(
                        "expected a key of your organisation that was made while it ran, but there is none with id "
                                + id + "; those of the access file are changed there"));
        expectMayGive(caller, Role.of(known.getPrincipal()));
        return known;
    }

    /** Whoever could make a key with more than is theirs could make themselves everything. */
    private static void expectMayGive(Caller caller, Role role) {
        if (role == Role.OWNER && Role.of(caller.principal()) != Role.OWNER) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected an OWNER to make, change or revoke keys of an OWNER, but the key shown is of an "
                            + caller.principal().getRole());
        }
    }

    private static void expectFew(String field, List<String> names) {
        if (names.size() > MOST_NAMES) {
            throw RefusedException.invalid(
                    "expected at most " + MOST_NAMES + " " + field + " of a key, but got " + names.size());
        }
    }

    private static void expectSense(KeyLimits limits) {
        if (limits.getCalls() > MOST_RATE || limits.getBurst() > MOST_RATE || limits.getPayloadBytes() > MOST_RATE) {
            throw RefusedException.invalid("expected at most " + MOST_RATE
                    + " as callsPerSecond, callsBurst and payloadBytesPerSecond, but one is more");
        }
        if (limits.getBurst() > 0 && limits.getCalls() == 0) {
            throw RefusedException.invalid("expected callsPerSecond beside callsBurst, but it is missing");
        }
    }

    private void expectRoom(Caller caller) {
        List<KeyEntry> kept = keys.of(caller.orgId());
        if (kept.size() >= MOST_KEPT) {
            throw RefusedException.tooMuch("expected at most " + MOST_KEPT
                    + " keys of an organisation, with those that are over, but there are " + kept.size()
                    + "; use certificates or tokens for whoever comes now");
        }
        long open = kept.stream()
                .filter(entry -> keys.status(entry) == IssuedKeys.Status.ACTIVE)
                .count();
        if (open >= MOST_IN_FORCE) {
            throw RefusedException.tooMuch("expected at most " + MOST_IN_FORCE
                    + " keys of an organisation that are in force, but there are " + open + "; revoke some");
        }
    }

    private Principal principal(Wanted wanted) {
        Principal.Builder principal = Principal.newBuilder().setId(checks.name("principalId", wanted.principalId()));
        return switch (wanted.type()) {
            case "USER" ->
                principal
                        .setType(Principal.Type.USER)
                        .setRole(userRole(wanted.role()).name())
                        .build();
            case "WORKER" -> {
                if (!wanted.role().isEmpty() && !wanted.role().equals(Role.WORKER.name())) {
                    throw RefusedException.invalid(
                            "expected WORKER, or nothing, as role of a worker, but got " + Checks.shown(wanted.role()));
                }
                yield principal
                        .setType(Principal.Type.WORKER)
                        .setRole(Role.WORKER.name())
                        .build();
            }
            default ->
                throw RefusedException.invalid(
                        "expected USER or WORKER as principalType, but got " + Checks.shown(wanted.type()));
        };
    }

    private static Role userRole(String text) {
        return Arrays.stream(Role.values())
                .filter(role -> role != Role.WORKER && role.name().equals(text))
                .findFirst()
                .orElseThrow(() -> RefusedException.invalid("expected one of "
                        + Arrays.stream(Role.values())
                                .filter(role -> role != Role.WORKER)
                                .map(Role::name)
                                .collect(Collectors.joining(", "))
                        + " as role of a user, but got " + Checks.shown(text)));
    }

    /** Notes the change in the log, and makes it once the engine has taken the note. */
    private CompletableFuture<KeyEntry> change(Request request, String kind, KeyEntry entry) {
        UUID id = Ids.fromBytes(entry.getKeyId());
        return log.askPartition(
                        Shards.partition(id, log.partitions()),
                        note(request)
                                .setRecordNote(
                                        RecordNote.newBuilder().setKind(kind).putAllDetails(told(entry))))
                .thenCompose(reply -> {
                    if (reply.hasRefusal()) {
                        throw RefusedException.noteNotTaken("a key", reply.getRefusal());
                    }
                    return keys.keep(entry);
                })
                .thenApply(kept -> entry);
    }

    private CommandRecord.Builder note(Request request) {
        CommandRecord.Builder command = CommandHeader.of(request.caller(), request.traceparent(), log.node())
                .setCommandId(Ids.toByteString(Shards.newId()))
                .setReason(request.reason());
        request.approval().ifPresent(command::setApproval);
        return command;
    }

    private static Map<String, String> told(KeyEntry entry) {
        Map<String, String> details = new TreeMap<>(Map.of(
                "id", Ids.fromBytes(entry.getKeyId()).toString(),
                "key", KeyDigest.ofBytes(entry.getDigest().toByteArray()).publicId(),
                "principal",
                        entry.getPrincipal().getType() + " "
                                + entry.getPrincipal().getId(),
                "role", entry.getPrincipal().getRole(),
                "expires",
                        entry.getExpiresAtMs() == 0
                                ? "never"
                                : Instant.ofEpochMilli(entry.getExpiresAtMs()).toString()));
        if (!entry.getName().isEmpty()) {
            details.put("name", entry.getName());
        }
        IssuedKeys.limits(entry).ifPresent(limits -> details.put("limits", limits.toString()));
        if (entry.getQueuesCount() > 0) {
            details.put("queues", String.join(", ", entry.getQueuesList()));
        }
        if (entry.getKindsCount() > 0) {
            details.put("kinds", String.join(", ", entry.getKindsList()));
        }
        return details;
    }
}
