package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.RejectPromise;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ResolvePromise;
import io.millrace.proto.v1.SettlePromiseByKey;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Resolves and rejects promises. Safe from any thread, never blocks; a request that does not pass the checks throws
 * {@link RefusedException}.
 */
public final class PromiseOperations {

    private final CommandSender sender;
    private final Checks checks;
    private final Reads reads;
    private final ScopeGuard guard;

    PromiseOperations(CommandSender sender, Checks checks, Reads reads, ScopeGuard guard) {
        this.sender = sender;
        this.checks = checks;
        this.reads = reads;
        this.guard = guard;
    }

    /** What came of it. */
    public enum Outcome {
        /** The promise is settled by this request. */
        SETTLED,
        /** It was settled before, and stays as it is. */
        SETTLED_BEFORE,
        /** Its workflow had ended without it, so that nothing settles it any more. */
        WORKFLOW_ENDED
    }

    /** How a promise is settled: by a value or, where there is none, by an error. */
    private record Settlement(
            @Nullable ByteString value, @Nullable String error) {}

    /** @return what came of it */
    public CompletableFuture<Outcome> resolve(Request request, String promise, ByteString value) {
        checks.json("value", value);
        return settle(request, PromiseRef.parse(checks, promise), new Settlement(value, null));
    }

    /** @return what came of it */
    public CompletableFuture<Outcome> reject(Request request, String promise, String error) {
        checks.text("error", error);
        return settle(request, PromiseRef.parse(checks, promise), new Settlement(null, error));
    }

    /**
     * A promise meant by its key is looked up first, so that its workflow's partition answers. A key that nobody
     * has yet may be bound before the command comes there: the partition of the key then passes it on.
     */
    private CompletableFuture<Outcome> settle(Request request, PromiseRef ref, Settlement settlement) {
        if (ref.key() != null) {
            return reads.findPromise(request.caller().orgId(), ref.key())
                    .thenCompose(found -> found.isPresent()
                            ? guard.ofWorkflow(
                                    request.caller(),
                                    Ids.fromBytes(found.get().getExecutionId()),
                                    () -> send(request, PromiseRef.of(found.get()), settlement))
                            : sendUnfound(request, ref, settlement));
        }
        return ref.executionId() == null
                ? sendUnfound(request, ref, settlement)
                : guard.ofWorkflow(request.caller(), ref.executionId(), () -> send(request, ref, settlement));
    }

    /** The engine alone knows what workflow it is of. */
    private CompletableFuture<Outcome> sendUnfound(Request request, PromiseRef ref, Settlement settlement) {
        ScopeGuard.onlyWhole(
                request.caller(), "it does not name the promise's workflow, as <workflow id>:<name> would");
        return send(request, ref, settlement);
    }

    private CompletableFuture<Outcome> send(Request request, PromiseRef ref, Settlement settlement) {
        CommandRecord.Builder command = sender.command(request);
        if (ref.key() != null) {
            command.setSettlePromiseByKey(byKey(ref, settlement));
        } else if (settlement.value() != null) {
            command.setResolvePromise(resolution(ref, settlement.value()));
        } else {
            command.setRejectPromise(rejection(ref, said(settlement.error())));
        }
        return sender.ask(ref.shard(request.caller().orgId()), command)
                .thenApply(reply -> outcome(reply.getAccepted()));
    }

    private static Outcome outcome(ReplyRecord.Accepted accepted) {
        if (accepted.getChanged()) {
            return Outcome.SETTLED;
        }
        return accepted.getEnded() ? Outcome.WORKFLOW_ENDED : Outcome.SETTLED_BEFORE;
    }

    private static SettlePromiseByKey.Builder byKey(PromiseRef ref, Settlement settlement) {
        SettlePromiseByKey.Builder body = SettlePromiseByKey.newBuilder().setKey(ref.key());
        return settlement.value() != null
                ? body.setValue(settlement.value())
                : body.setReject(true).setError(said(settlement.error()));
    }

    private ResolvePromise.Builder resolution(PromiseRef ref, ByteString value) {
        ResolvePromise.Builder body = ResolvePromise.newBuilder().setValue(value);
        return ref.promiseId() != null
                ? body.setPromiseId(Ids.toByteString(ref.promiseId()))
                : body.setExecutionId(Ids.toByteString(said(ref.executionId()))).setPromiseName(said(ref.name()));
    }

    private RejectPromise.Builder rejection(PromiseRef ref, String error) {
        RejectPromise.Builder body = RejectPromise.newBuilder().setError(error);
        return ref.promiseId() != null
                ? body.setPromiseId(Ids.toByteString(ref.promiseId()))
                : body.setExecutionId(Ids.toByteString(said(ref.executionId()))).setPromiseName(said(ref.name()));
    }

    /** @return what the form that was used has */
    private static <T> T said(@Nullable T part) {
        return Objects.requireNonNull(part, "part of the form that was used");
    }

    /**
     * Which promise is meant; one of three forms is set.
     *
     * @param promiseId its id, which lies on the shard of its workflow
     * @param executionId its workflow, with a name
     * @param name its name there
     * @param key the idempotency key it was made with
     */
    private record PromiseRef(
            @Nullable UUID promiseId,
            @Nullable UUID executionId,
            @Nullable String name,
            @Nullable String key) {

        private static final int UUID_CHARS = 36;

        /** Reads {@code <promise uuid>}, {@code id:<promise uuid>}, {@code <workflow uuid>:<name>}, {@code <workflow uuid>/<name>} or {@code key:<key>}. */
        static PromiseRef parse(Checks checks, String text) {
            if (text.startsWith("key:")) {
                return new PromiseRef(null, null, null, checks.name("promise key", text.substring(4)));
            }
            if (text.startsWith("id:")) {
                return new PromiseRef(checks.id("promise_id", text.substring(3)), null, null, null);
            }
            if (text.length() > UUID_CHARS && (text.charAt(UUID_CHARS) == ':' || text.charAt(UUID_CHARS) == '/')) {
                UUID executionId = checks.id("the part of promise_id before the name", text.substring(0, UUID_CHARS));
                return new PromiseRef(
                        null, executionId, checks.name("promise name", text.substring(UUID_CHARS + 1)), null);
            }
            UUID id = Ids.parse(text)
                    .orElseThrow(() -> RefusedException.invalid("expected a UUID, or a workflow's UUID with ':' and the"
                            + " promise's name, as promise_id, but got " + Checks.shown(text)));
            return new PromiseRef(id, null, null, null);
        }

        static PromiseRef of(FindPromiseResponse found) {
            return new PromiseRef(Ids.fromBytes(found.getPromiseId()), null, null, null);
        }

        int shard(UUID orgId) {
            if (key != null) {
                return Shards.of(orgId, key);
            }
            return Shards.of(promiseId != null ? promiseId : said(executionId));
        }
    }
}
