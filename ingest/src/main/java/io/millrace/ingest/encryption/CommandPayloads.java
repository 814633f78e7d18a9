package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.ingest.encryption.Envelope.Kind;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.SubmittedCommand;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Encrypts what one command, or one piece of a stream, carries, by one key. What is empty stays so, but for inputs: by an input
 * the key of an execution is known. For one thread.
 */
final class CommandPayloads {

    private static final ByteString NULL = ByteString.copyFromUtf8("null");

    private final byte[] secret;
    private final UUID orgId;
    private final UUID keyId;
    private final UUID executionId;
    private int made;

    private CommandPayloads(byte[] secret, DataKey key, UUID executionId) {
        this.secret = secret;
        this.orgId = key.orgId();
        this.keyId = key.id();
        this.executionId = executionId;
    }

    /**
     * Encrypts all payloads of the command.
     *
     * @param executionId in whose name
     * @param payloads what is payload in it
     * @throws DataKey.DestroyedException if the key has left the memory; the command is as it was then
     * @throws RefusedException if anything else in it looks encrypted
     */
    static void encrypt(DataKey key, UUID executionId, CommandRecord.Builder command, Carried.Payload payloads) {
        expectMarks(command, key.with(secret -> {
            CommandPayloads by = new CommandPayloads(secret, key, executionId);
            payloads.encryption().accept(by);
            return by.made;
        }));
    }

    /**
     * Whoever reads the command's names and metadata takes what looks encrypted for a payload. It would be unreadable, or, if it
     * was copied from Kafka, be read by those who may not.
     */
    static void expectMarks(CommandRecord.Builder command, int expected) {
        byte[] bytes = command.build().toByteArray();
        int found = 0;
        for (int at = Envelope.find(bytes, 0); at >= 0; at = Envelope.find(bytes, at + Envelope.MARK.length())) {
            found++;
        }
        if (found != expected) {
            throw looksEncrypted();
        }
    }

    static RefusedException looksEncrypted() {
        return RefusedException.invalid(
                "expected no names, metadata, reasons or plain payloads that look like encrypted ones, but there is "
                        + Envelope.MARK + " in one");
    }

    /** @return the JSON text that a task streams out, as a text in JSON; nothing for nothing */
    static String streamed(DataKey key, UUID executionId, String json) {
        return key.with(secret -> new CommandPayloads(secret, key, executionId)
                .json(ByteString.copyFromUtf8(json))
                .toStringUtf8());
    }

    ByteString json(ByteString payload) {
        return payload.isEmpty() ? payload : envelope(payload);
    }

    ByteString input(ByteString payload) {
        return envelope(payload.isEmpty() ? NULL : payload);
    }

    private ByteString envelope(ByteString payload) {
        made++;
        byte[] sealed = new Envelope(Kind.JSON, keyId, executionId).seal(secret, orgId, payload.toByteArray());
        byte[] quoted = new byte[sealed.length + 2];
        quoted[0] = '"';
        System.arraycopy(sealed, 0, quoted, 1, sealed.length);
        quoted[quoted.length - 1] = '"';
        return UnsafeByteOperations.unsafeWrap(quoted);
    }

    String text(String text) {
        if (text.isEmpty()) {
            return text;
        }
        made++;
        return new String(
                new Envelope(Kind.TEXT, keyId, executionId).seal(secret, orgId, text.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.US_ASCII);
    }

    void encrypt(SubmittedCommand.Builder command) {
        switch (command.getBodyCase()) {
            case RECORD_OPERATION -> {
                var operation = command.getRecordOperationBuilder();
                operation.setResult(json(operation.getResult()));
            }
            case SET_STATE -> {
                var state = command.getSetStateBuilder();
                state.setValue(json(state.getValue()));
            }
            case SCHEDULE_TASK -> {
                var task = command.getScheduleTaskBuilder();
                task.setInput(input(task.getInput()));
            }
            case COMPLETE_WORKFLOW -> {
                var end = command.getCompleteWorkflowBuilder();
                end.setOutput(json(end.getOutput()));
            }
            case FAIL_WORKFLOW -> {
                var end = command.getFailWorkflowBuilder();
                end.setError(text(end.getError())).setStackTrace(text(end.getStackTrace()));
            }
            case SUSPEND_WORKFLOW -> {
                var suspension = command.getSuspendWorkflowBuilder();
                suspension.setReason(text(suspension.getReason()));
            }
            case CANCEL_WORKFLOW -> {
                var end = command.getCancelWorkflowBuilder();
                end.setReason(text(end.getReason()));
            }
            case RESOLVE_PROMISE -> {
                var resolution = command.getResolvePromiseBuilder();
                resolution.setValue(json(resolution.getValue()));
            }
            case SCHEDULE_CHILD_WORKFLOW -> {
                var child = command.getScheduleChildWorkflowBuilder();
                child.setInput(input(child.getInput()));
            }
            case REQUEST_CANCEL_CHILD_WORKFLOW -> {
                var request = command.getRequestCancelChildWorkflowBuilder();
                request.setReason(text(request.getReason()));
            }
            case CONTINUE_AS_NEW -> {
                var run = command.getContinueAsNewBuilder();
                run.setInput(input(run.getInput()));
            }
            case CLEAR_STATE, CREATE_PROMISE, START_TIMER, CANCEL_TIMER, BODY_NOT_SET -> {}
        }
    }
}
