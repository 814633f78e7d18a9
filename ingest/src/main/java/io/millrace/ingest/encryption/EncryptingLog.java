package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitTask;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The command log as the front door sees it: payloads of organisations that encrypt go on encrypted, or not at all. The key of an
 * execution stands on Kafka before its start does. A key whose start came to nothing, or found that its execution was there, is
 * forgotten at once, and with it what that start carried. Safe from any thread, never blocks.
 */
final class EncryptingLog implements CommandLog {

    private static final Logger LOG = LoggerFactory.getLogger(EncryptingLog.class);

    private final CommandLog log;
    private final Encryption encryption;
    private final ExecutionKeys keys;

    /** @param log where commands go; stays the caller's to close */
    EncryptingLog(CommandLog log, Encryption encryption, ExecutionKeys keys) {
        this.log = log;
        this.encryption = encryption;
        this.keys = keys;
    }

    @Override
    public int partitions() {
        return log.partitions();
    }

    @Override
    public String node() {
        return log.node();
    }

    @Override
    public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
        return ask(command, encrypted -> log.ask(shard, encrypted));
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
        return ask(command, encrypted -> log.askPartition(partition, encrypted));
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
        return ask(command, encrypted -> log.askPartition(partition, encrypted, late));
    }

    @Override
    public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        return readyOrFailed(command).thenCompose(use -> log.tell(partition, command));
    }

    private CompletableFuture<ReplyRecord> ask(
            CommandRecord.Builder command, Function<CommandRecord.Builder, CompletableFuture<ReplyRecord>> asking) {
        UUID orgId = Ids.fromBytes(command.getOrgId());
        if (!encryption.decrypts(orgId)) {
            return asking.apply(command);
        }
        return readyOrFailed(command)
                .thenCompose(use -> asking.apply(command)
                        .thenCompose(reply ->
                                use == null ? CompletableFuture.completedFuture(reply) : use.settled(reply, orgId)));
    }

    /** Which key a command was encrypted by, and what becomes of it. */
    private final class Use {

        private static final String NOT_GIVEN = "a data key could not be given to the execution that a signal found";

        private final UUID keyId;
        /** The execution that the command would make; null: none. */
        private final @Nullable UUID made;

        private final boolean ownKey;

        Use(UUID keyId, @Nullable UUID made, boolean ownKey) {
            this.keyId = keyId;
            this.made = made;
            this.ownKey = ownKey;
        }

        /** @return the reply, once the key is where it belongs */
        CompletableFuture<ReplyRecord> settled(ReplyRecord reply, UUID orgId) {
            if (made == null) {
                return CompletableFuture.completedFuture(reply);
            }
            ByteString answered = reply.hasWorkflowStarted()
                    ? reply.getWorkflowStarted().getExecutionId()
                    : reply.getTaskSubmitted().getTaskId();
            if (answered.equals(Ids.toByteString(made))) {
                keys.remember(orgId, made, keyId);
            } else if (ownKey && reply.getWorkflowStarted().getSignalSequence() > 0) {
                return given(orgId, Ids.fromBytes(answered)).thenApply(given -> reply);
            } else {
                forget(keyId, ownKey);
            }
            return CompletableFuture.completedFuture(reply);
        }

        /** The signal stands in the history of another execution now, and is to be erased with it. */
        private CompletableFuture<Void> given(UUID orgId, UUID executionId) {
            return keys.of(orgId, executionId)
                    .thenCompose(key -> encryption
                            .keys()
                            .giveTo(
                                    orgId,
                                    keyId,
                                    key.id(),
                                    encryption.keys().owner(orgId, key.id()).orElse(new Owner.Execution(executionId))))
                    .exceptionallyCompose(failure -> {
                        if (Failures.cause(failure) instanceof ErasedException erased) {
                            return erasedAtOnce(orgId, executionId, erased);
                        }
                        // It is found in the history when that is erased.
                        LOG.warn(
                                "{} execution={} cause={}",
                                NOT_GIVEN,
                                executionId,
                                Failures.cause(failure).toString());
                        return CompletableFuture.completedFuture(null);
                    });
        }

        /** The signal stands in the history of an execution that was erased, and must not be the one thing there to be read. */
        private CompletableFuture<Void> erasedAtOnce(UUID orgId, UUID executionId, ErasedException erased) {
            return encryption
                    .keys()
                    .erasedWith(orgId, keyId, new Owner.Execution(executionId), erased.atMs())
                    .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                            Failures.cause(failure) instanceof ErasedException now ? now.refusal() : failure));
        }
    }

    private CompletableFuture<Use> readyOrFailed(CommandRecord.Builder command) {
        try {
            return ready(command);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Encrypts the command, if there is anything in it to encrypt; null: there is not. What looks encrypted is refused also where
     * nothing is encrypted any more, since answers are still decrypted.
     */
    private CompletableFuture<Use> ready(CommandRecord.Builder command) {
        UUID orgId = Ids.fromBytes(command.getOrgId());
        if (!encryption.decrypts(orgId)) {
            return CompletableFuture.completedFuture(null);
        }
        return switch (Carried.of(command)) {
            case Carried.Payload payload ->
                encryption.encrypts(orgId) ? encrypted(orgId, command, payload) : withoutPayloads(command);
            case Carried.NoPayload names -> withoutPayloads(command);
            case Carried.WorkersText text -> {
                text.set().accept(text.text().replace(Envelope.MARK, "…"));
                yield CompletableFuture.completedFuture(null);
            }
            case Carried.Nothing nothing -> CompletableFuture.completedFuture(null);
            case Carried.OfPartitions partitions ->
                CompletableFuture.failedFuture(new IllegalStateException(
                        "expected a command of the front door, but got one that partitions write"));
        };
    }

    private CompletableFuture<Use> encrypted(UUID orgId, CommandRecord.Builder command, Carried.Payload payload) {
        return switch (payload) {
            case Carried.OfStart start -> start(orgId, command, start);
            case Carried.OfTask task -> submit(orgId, command, task);
            case Carried.OfSchedule schedule -> schedule(orgId, command, schedule);
            case Carried.OfExecution execution -> of(orgId, command, execution, Ids.fromBytes(execution.id()));
            case Carried.OfPromise promise -> promise(orgId, command, promise);
            case Carried.OfPromiseKey key ->
                CompletableFuture.failedFuture(RefusedException.notFound(
                        "expected the key of a promise that is known, since what settles it is encrypted by the key of its"
                                + " workflow, but there is none"));
        };
    }

    private static CompletableFuture<Use> withoutPayloads(CommandRecord.Builder command) {
        CommandPayloads.expectMarks(command, 0);
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Use> start(UUID orgId, CommandRecord.Builder command, Carried.OfStart carried) {
        StartWorkflow start = carried.start();
        return begin(
                orgId,
                command,
                carried,
                Ids.fromBytes(start.getExecutionId()),
                start.getMetadataMap(),
                Ids.fromBytesOrNull(start.getParentExecutionId()),
                carried.mayFind());
    }

    /**
     * All runs of a schedule get its input as it stands, so they share a key. A data subject has to own it, since with the key of
     * one run the others would be erased.
     */
    private CompletableFuture<Use> schedule(UUID orgId, CommandRecord.Builder command, Carried.OfSchedule carried) {
        String subject = carried.schedule().getStart().getMetadataOrDefault(Encryption.SUBJECT, "");
        if (subject.isEmpty()) {
            throw RefusedException.invalid("expected metadata with an entry " + Encryption.SUBJECT
                    + ", since the payloads of this organisation are encrypted and all runs of a schedule are erased with"
                    + " the key of that data subject, but there is none");
        }
        UUID id = Ids.fromBytes(carried.schedule().getScheduleId());
        return DataKey.retrying(() -> encryption
                .keys()
                .ofOwner(orgId, new Owner.Subject(subject))
                .thenApply(key -> {
                    CommandPayloads.encrypt(key, id, command, carried);
                    return new Use(key.id(), null, false);
                }));
    }

    private CompletableFuture<Use> submit(UUID orgId, CommandRecord.Builder command, Carried.OfTask carried) {
        SubmitTask task = carried.task();
        return task.getExecutionId().isEmpty()
                ? begin(orgId, command, carried, Ids.fromBytes(task.getTaskId()), task.getMetadataMap(), null, false)
                : of(orgId, command, carried, Ids.fromBytes(task.getExecutionId()));
    }

    /**
     * @param parent whose key it gets, unless it names a data subject; null: it has none
     * @param mayFind whether what the command carries may come into the history of another execution, whatever this one names: then
     *     it shares no key with anything
     */
    private CompletableFuture<Use> begin(
            UUID orgId,
            CommandRecord.Builder command,
            Carried.Payload payload,
            UUID id,
            Map<String, String> metadata,
            @Nullable UUID parent,
            boolean mayFind) {
        Optional<String> subject =
                Optional.ofNullable(metadata.get(Encryption.SUBJECT)).filter(name -> !name.isEmpty());
        boolean ownKey = subject.isPresent() ? mayFind : parent == null;
        return DataKey.retrying(() -> {
            CompletableFuture<DataKey> key;
            if (subject.isPresent()) {
                Owner owner = new Owner.Subject(subject.get());
                key = mayFind
                        ? encryption.keys().makeForOneCommand(orgId, owner)
                        : encryption.keys().ofOwner(orgId, owner);
            } else if (parent != null) {
                key = keys.of(orgId, parent);
            } else {
                key = encryption.keys().make(orgId, id, new Owner.Execution(id));
            }
            return key.thenApply(found -> {
                try {
                    CommandPayloads.encrypt(found, id, command, payload);
                } catch (RefusedException e) {
                    forget(found.id(), ownKey);
                    throw e;
                }
                return new Use(found.id(), id, ownKey);
            });
        });
    }

    private void forget(UUID keyId, boolean ownKey) {
        if (ownKey) {
            encryption.keys().forget(keyId);
        }
    }

    private CompletableFuture<Use> of(
            UUID orgId, CommandRecord.Builder command, Carried.Payload payload, UUID executionId) {
        return DataKey.retrying(() -> keys.of(orgId, executionId).thenApply(key -> {
                    CommandPayloads.encrypt(key, executionId, command, payload);
                    return new Use(key.id(), null, false);
                }))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Failures.cause(failure) instanceof ErasedException erased ? erased.refusal() : failure));
    }

    private CompletableFuture<Use> promise(UUID orgId, CommandRecord.Builder command, Carried.OfPromise promise) {
        return promise.executionId().isEmpty()
                ? keys.homeOfPromise(orgId, Ids.fromBytes(promise.promiseId()))
                        .thenCompose(home -> of(orgId, command, promise, home))
                : of(orgId, command, promise, Ids.fromBytes(promise.executionId()));
    }

    /** The log beneath stays open. */
    @Override
    public void close() {}
}
