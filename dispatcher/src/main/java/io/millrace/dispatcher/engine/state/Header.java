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
        long createdMs) {

    private static final int SMALL_INPUT_BYTES = 512;

    /** @return whether it is so small that it is stored with what changes, as one record instead of two */
    boolean small() {
        return input.size() <= SMALL_INPUT_BYTES && metadata.isEmpty();
    }

    byte[] encode() {
        return write(Bytes.writer()).finish();
    }

    Bytes write(Bytes out) {
        return out.u8(1)
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
    }

    static Header read(Bytes in) {
        Versions.expect(in.u8(), 1, "execution header");
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
                in.i64());
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return createdMs - prioritySeconds * 1000L;
    }
}
