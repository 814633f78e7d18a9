package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
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
 * @param origin the schedule that started it, or the run from which it goes on; null for all others
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
        @Nullable UUID firstRun,
        ScheduleDefinition.@Nullable Origin origin) {

    private static final int SMALL_INPUT_BYTES = 512;
    private static final int FORM_OF_FIRST_RUNS = 1;
    private static final int FORM_WITHOUT_SCHEDULES = 2;
    private static final int FORM = 3;

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
        out.u8(origin != null ? FORM : first ? FORM_OF_FIRST_RUNS : FORM_WITHOUT_SCHEDULES)
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
        if (origin == null) {
            return first ? out : out.id(resetFrom).id(firstRun);
        }
        return out.id(resetFrom)
                .id(firstRun)
                .text(origin.schedule())
                .rawId(origin.scheduleId())
                .rawId(origin.runId())
                .i64(origin.dueMs())
                .bool(origin.awaited());
    }

    static Header read(Bytes in) {
        int version = in.u8();
        if (version != FORM_OF_FIRST_RUNS && version != FORM_WITHOUT_SCHEDULES) {
            Versions.expect(version, FORM, "execution header");
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
                version > FORM_OF_FIRST_RUNS ? in.id() : null,
                version > FORM_OF_FIRST_RUNS ? in.id() : null,
                version > FORM_WITHOUT_SCHEDULES
                        ? new ScheduleDefinition.Origin(in.text(), in.rawId(), in.rawId(), in.i64(), in.bool())
                        : null);
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return createdMs - prioritySeconds * 1000L;
    }
}
