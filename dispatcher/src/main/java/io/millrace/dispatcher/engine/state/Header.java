package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an execution was created with; never changes, and a large one is stored only once.
 *
 * @param standaloneTask the execution is nothing but the home of one task that has no workflow; kind, input and so on are
 *     the task's then
 * @param resetFrom the run from which it goes on, null for a first one
 * @param firstRun the run by which its parent knows it, null where that is this one
 */
public record Header(
        UUID id,
        UUID orgId,
        boolean standaloneTask,
        String kind,
        Payload input,
        Map<String, String> metadata,
        String queue,
        int prioritySeconds,
        String workflowVersion,
        String workflowDefinitionId,
        String idempotencyKey,
        long retentionMs,
        @Nullable UUID parentExecutionId,
        String childExecutionName,
        long createdMs,
        @Nullable UUID resetFrom,
        @Nullable UUID firstRun) {

    private static final int SMALL_INPUT_BYTES = 512;

    /** Of a first run. */
    public Header(
            UUID id,
            UUID orgId,
            boolean standaloneTask,
            String kind,
            Payload input,
            Map<String, String> metadata,
            String queue,
            int prioritySeconds,
            String workflowVersion,
            String workflowDefinitionId,
            String idempotencyKey,
            long retentionMs,
            @Nullable UUID parentExecutionId,
            String childExecutionName,
            long createdMs) {
        this(
                id,
                orgId,
                standaloneTask,
                kind,
                input,
                metadata,
                queue,
                prioritySeconds,
                workflowVersion,
                workflowDefinitionId,
                idempotencyKey,
                retentionMs,
                parentExecutionId,
                childExecutionName,
                createdMs,
                null,
                null);
    }

    /** @return the id by which its parent knows it */
    public UUID knownAs() {
        return firstRun == null ? id : firstRun;
    }

    /** @return whether it is so small that it is stored with what changes, as one record instead of two */
    boolean small() {
        return input.size() <= SMALL_INPUT_BYTES && metadata.isEmpty();
    }

    byte[] encode() {
        return write(Bytes.writer()).finish();
    }

    Bytes write(Bytes out) {
        boolean first = resetFrom == null && firstRun == null;
        out.u8(first ? 1 : 2)
                .rawId(id)
                .rawId(orgId)
                .bool(standaloneTask)
                .text(kind)
                .payload(input)
                .texts(metadata)
                .text(queue)
                .i32(prioritySeconds)
                .text(workflowVersion)
                .text(workflowDefinitionId)
                .text(idempotencyKey)
                .i64(retentionMs)
                .id(parentExecutionId)
                .text(childExecutionName)
                .i64(createdMs);
        return first ? out : out.id(resetFrom).id(firstRun);
    }

    static Header read(Bytes in) {
        int version = in.u8();
        if (version != 1) { // of a first run
            Versions.expect(version, 2, "execution header");
        }
        return new Header(
                in.rawId(),
                in.rawId(),
                in.bool(),
                in.text(),
                in.payload(),
                in.texts(),
                in.text(),
                in.i32(),
                in.text(),
                in.text(),
                in.text(),
                in.i64(),
                in.id(),
                in.text(),
                in.i64(),
                version > 1 ? in.id() : null,
                version > 1 ? in.id() : null);
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return createdMs - prioritySeconds * 1000L;
    }
}
