package io.millrace.ingest.encryption;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.reads.Reads;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * What stands between the front door and the rest: payloads that come in are encrypted, where their organisation has that. Safe
 * from any thread, never blocks.
 */
public final class Payloads {

    private final Encryption encryption;
    private final ExecutionKeys keys;

    /** @param reads where it is found out which key an execution has */
    public Payloads(Encryption encryption, Reads reads) {
        this.encryption = encryption;
        this.keys = new ExecutionKeys(encryption, reads);
    }

    /** @return the log for commands of callers; the one beneath stays the caller's to close */
    public CommandLog encrypting(CommandLog log) {
        return encryption.any() ? new EncryptingLog(log, encryption, keys) : log;
    }

    /**
     * @param executionId a workflow, or a standalone task
     * @param json what a task of it streams out
     * @return the same as it may leave this node
     * @throws RefusedException if it looks encrypted, and is not going to be
     */
    public CompletableFuture<String> streamed(UUID orgId, UUID executionId, String json) {
        if (encryption.decrypts(orgId) && !encryption.encrypts(orgId) && json.contains(Envelope.MARK)) {
            throw CommandPayloads.looksEncrypted();
        }
        return encryption.encrypts(orgId)
                ? DataKey.retrying(() ->
                        keys.of(orgId, executionId).thenApply(key -> CommandPayloads.streamed(key, executionId, json)))
                : CompletableFuture.completedFuture(json);
    }

    /** @return what puts plain text into answers */
    public Decryption decryption() {
        return new Decryption(encryption);
    }

    /** @return what erases data keys */
    public Erasure erasure() {
        return new Erasure(encryption);
    }
}
