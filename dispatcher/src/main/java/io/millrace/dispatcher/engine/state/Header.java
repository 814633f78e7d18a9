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
 * @param traceparent trace that its work belongs to, as {@link io.millrace.proto.TraceContext} writes it; empty: none
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
        ScheduleDefinition.@Nullable Origin origin,
        String traceparent) {

    private static final int SMALL_INPUT_BYTES = 512;
    private static final int FORM_OF_FIRST_RUNS = 1;
    private static final int FORM_WITHOUT_SCHEDULES = 2;
    private static final int FORM_WITHOUT_TRACES = 3;
    private static final int FORM = 4;

    /** Of a first run that belongs to no trace. */
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
                null,
                "");
    }

    /** @return whether its work belongs to a trace */
    boolean traced() {
        return !traceparent.isEmpty();
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
        out.u8(form())
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
        int form = form();
        if (form > FORM_OF_FIRST_RUNS) {
            out.id(resetFrom).id(firstRun);
        }
        if (form == FORM) {
            out.text(traceparent).bool(origin != null);
        }
        if (origin != null) {
            out.text(origin.schedule())
                    .rawId(origin.scheduleId())
                    .rawId(origin.runId())
                    .i64(origin.dueMs())
                    .bool(origin.awaited());
        }
        return out;
    }

    /** The oldest that holds what there is: most executions need no more. */
    private int form() {
        if (!traceparent.isEmpty()) {
            return FORM;
        }
        if (origin != null) {
            return FORM_WITHOUT_TRACES;
        }
        return resetFrom == null && firstRun == null ? FORM_OF_FIRST_RUNS : FORM_WITHOUT_SCHEDULES;
    }

    static Header read(Bytes in) {
        int version = in.u8();
        if (version < FORM_OF_FIRST_RUNS || version > FORM_WITHOUT_TRACES) {
            Versions.expect(version, FORM, "execution header");
        }
        UUID id = in.rawId();
        UUID orgId = in.rawId();
        boolean standaloneTask = in.bool();
        String kind = in.text();
        Payload input = in.payload();
        Map<String, String> metadata = in.texts();
        String queue = in.text();
        int prioritySeconds = in.i32();
        String workflowVersion = in.text();
        String workflowDefinitionId = in.text();
        String idempotencyKey = in.text();
        long retentionMs = in.i64();
        UUID parentExecutionId = in.id();
        String childExecutionName = in.text();
        long createdMs = in.i64();
        UUID resetFrom = version > FORM_OF_FIRST_RUNS ? in.id() : null;
        UUID firstRun = version > FORM_OF_FIRST_RUNS ? in.id() : null;
        String traceparent = version == FORM ? in.text() : "";
        boolean scheduled = version == FORM ? in.bool() : version == FORM_WITHOUT_TRACES;
        return new Header(
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
                resetFrom,
                firstRun,
                scheduled
                        ? new ScheduleDefinition.Origin(in.text(), in.rawId(), in.rawId(), in.i64(), in.bool())
                        : null,
                traceparent);
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return createdMs - prioritySeconds * 1000L;
    }
}
