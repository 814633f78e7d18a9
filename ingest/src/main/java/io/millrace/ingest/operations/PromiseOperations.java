package io.millrace.ingest.operations;

import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.RejectPromise;
import io.millrace.proto.v1.ResolvePromise;
import io.millrace.proto.v1.SettlePromiseByKey;
import com.google.protobuf.ByteString;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Resolves and rejects promises. Safe from any thread, never blocks; a request that does not pass the checks throws
 * {@link RefusedException}.
 */
public final class PromiseOperations {

    private final CommandSender sender;
    private final Checks checks;
    private final StampedSettings settings;

    PromiseOperations(CommandSender sender, Checks checks, StampedSettings settings) {
        this.sender = sender;
        this.checks = checks;
        this.settings = settings;
    }

    /** @return whether that changed anything: a settled promise stays as it is */
    public CompletableFuture<Boolean> resolve(Request request, String promise, ByteString value) {
        checks.json("value", value);
        PromiseRef ref = PromiseRef.parse(checks, promise);
        CommandRecord.Builder command = sender.command(request);
        if (ref.key() != null) {
            command.setSettlePromiseByKey(SettlePromiseByKey.newBuilder().setKey(ref.key()).setValue(value));
        } else {
            ResolvePromise.Builder body = ResolvePromise.newBuilder()
                    .setValue(value)
                    .setMaxHistoryBytes(settings.maxHistoryBytes());
            if (ref.promiseId() != null) {
                body.setPromiseId(Ids.toByteString(ref.promiseId()));
            } else {
                body.setExecutionId(Ids.toByteString(ref.executionId())).setPromiseName(ref.name());
            }
            command.setResolvePromise(body);
        }
        return send(request, ref, command);
    }

    /** @return whether that changed anything: a settled promise stays as it is */
    public CompletableFuture<Boolean> reject(Request request, String promise, String error) {
        checks.text("error", error);
        PromiseRef ref = PromiseRef.parse(checks, promise);
        CommandRecord.Builder command = sender.command(request);
        if (ref.key() != null) {
            command.setSettlePromiseByKey(
                    SettlePromiseByKey.newBuilder().setKey(ref.key()).setReject(true).setError(error));
        } else {
            RejectPromise.Builder body =
                    RejectPromise.newBuilder().setError(error).setMaxHistoryBytes(settings.maxHistoryBytes());
            if (ref.promiseId() != null) {
                body.setPromiseId(Ids.toByteString(ref.promiseId()));
            } else {
                body.setExecutionId(Ids.toByteString(ref.executionId())).setPromiseName(ref.name());
            }
            command.setRejectPromise(body);
        }
        return send(request, ref, command);
    }

    private CompletableFuture<Boolean> send(Request request, PromiseRef ref, CommandRecord.Builder command) {
        return sender.ask(ref.shard(request.caller().orgId()), command)
                .thenApply(reply -> reply.getAccepted().getChanged());
    }

    /**
     * Which promise is meant; one of three forms is set.
     *
     * @param promiseId its id, which lies on the shard of its workflow
     * @param executionId its workflow, with a name
     * @param name its name there
     * @param key the idempotency key it was made with
     */
    private record PromiseRef(UUID promiseId, UUID executionId, String name, String key) {

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
                return new PromiseRef(null, executionId, checks.name("promise name", text.substring(UUID_CHARS + 1)), null);
            }
            UUID id = Ids.parse(text)
                    .orElseThrow(() -> RefusedException.invalid("expected a UUID, or a workflow's UUID with ':' and the"
                            + " promise's name, as promise_id, but got " + Checks.shown(text)));
            return new PromiseRef(id, null, null, null);
        }

        int shard(UUID orgId) {
            if (key != null) {
                return Shards.of(orgId, key);
            }
            return Shards.of(promiseId != null ? promiseId : executionId);
        }
    }
}
