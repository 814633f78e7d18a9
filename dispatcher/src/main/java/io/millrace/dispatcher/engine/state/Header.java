package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Origin;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What an execution was created with; never changes, and a large one is stored only once. Each group of fields writes and reads
 * itself, so that the two stand side by side.
 *
 * @param standaloneTask the execution is nothing but the home of one task that has no workflow; its work is the task's then
 * @param origin the schedule that started it, or the run from which it goes on; null for all others
 * @param traceparent trace that its work belongs to, as {@link io.millrace.proto.TraceContext} writes it; empty: none
 */
public record Header(
        UUID id,
        UUID orgId,
        boolean standaloneTask,
        Work work,
        String idempotencyKey,
        long retentionMs,
        Parent parent,
        long createdMs,
        EarlierRuns earlier,
        @Nullable Origin origin,
        String traceparent) {

    private static final int SMALL_INPUT_BYTES = 512;
    private static final int FORM_OF_FIRST_RUNS = 1;
    private static final int FORM_WITHOUT_SCHEDULES = 2;
    private static final int FORM_WITHOUT_TRACES = 3;
    private static final int FORM = 4;

    /** What is to be done, and for whom it is. */
    public record Work(
            String kind,
            Payload input,
            Map<String, String> metadata,
            String queue,
            int prioritySeconds,
            String workflowVersion,
            String workflowDefinitionId) {

        private void write(Bytes out) {
            out.text(kind)
                    .payload(input)
                    .texts(metadata)
                    .text(queue)
                    .i32(prioritySeconds)
                    .text(workflowVersion)
                    .text(workflowDefinitionId);
        }

        private static Work read(Bytes in) {
            return new Work(in.text(), in.payload(), in.texts(), in.text(), in.i32(), in.text(), in.text());
        }
    }

    /**
     * Whose child it is.
     *
     * @param executionId null: nobody's
     * @param childName name by which its parent calls it; empty: it has no parent
     */
    public record Parent(@Nullable UUID executionId, String childName) {

        /** Of what was started from outside. */
        public static final Parent NONE = new Parent(null, "");

        private void write(Bytes out) {
            out.id(executionId).text(childName);
        }

        private static Parent read(Bytes in) {
            return new Parent(in.id(), in.text());
        }
    }

    /**
     * The runs of the same workflow that came before it.
     *
     * @param resetFrom the run from which it goes on, null for a first one
     * @param first the run by which its parent knows it, null where that is this one
     */
    public record EarlierRuns(
            @Nullable UUID resetFrom, @Nullable UUID first) {

        /** Of a first run. */
        public static final EarlierRuns NONE = new EarlierRuns(null, null);

        private void write(Bytes out) {
            out.id(resetFrom).id(first);
        }

        private static EarlierRuns read(Bytes in) {
            return new EarlierRuns(in.id(), in.id());
        }
    }

    private static void write(Origin origin, Bytes out) {
        out.text(origin.schedule())
                .rawId(origin.scheduleId())
                .rawId(origin.runId())
                .i64(origin.dueMs())
                .bool(origin.awaited());
    }

    private static Origin readOrigin(Bytes in) {
        return new Origin(in.text(), in.rawId(), in.rawId(), in.i64(), in.bool());
    }

    /** @return kind of its work */
    public String kind() {
        return work.kind;
    }

    /** @return input of its work */
    public Payload input() {
        return work.input;
    }

    /** @return queue in which its work is handed out */
    public String queue() {
        return work.queue;
    }

    /** @return the execution whose child it is, or null */
    public @Nullable UUID parentExecutionId() {
        return parent.executionId;
    }

    /** @return the run from which it goes on, null for a first one */
    public @Nullable UUID resetFrom() {
        return earlier.resetFrom;
    }

    /** @return whether its work belongs to a trace */
    boolean traced() {
        return !traceparent.isEmpty();
    }

    /** @return the id by which its parent knows it */
    public UUID knownAs() {
        return earlier.first == null ? id : earlier.first;
    }

    /** @return whether it is so small that it is stored with what changes, as one record instead of two */
    boolean small() {
        return work.input.size() <= SMALL_INPUT_BYTES && work.metadata.isEmpty();
    }

    byte[] encode() {
        return write(Bytes.writer()).finish();
    }

    Bytes write(Bytes out) {
        int form = form();
        out.u8(form).rawId(id).rawId(orgId).bool(standaloneTask);
        work.write(out);
        out.text(idempotencyKey).i64(retentionMs);
        parent.write(out);
        out.i64(createdMs);
        if (form > FORM_OF_FIRST_RUNS) {
            earlier.write(out);
        }
        if (form == FORM) {
            out.text(traceparent).bool(origin != null);
        }
        if (origin != null) {
            write(origin, out);
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
        return earlier.equals(EarlierRuns.NONE) ? FORM_OF_FIRST_RUNS : FORM_WITHOUT_SCHEDULES;
    }

    static Header read(Bytes in) {
        int form = in.u8();
        if (form < FORM_OF_FIRST_RUNS || form > FORM_WITHOUT_TRACES) {
            Versions.expect(form, FORM, "execution header");
        }
        UUID id = in.rawId();
        UUID orgId = in.rawId();
        boolean standaloneTask = in.bool();
        Work work = Work.read(in);
        String idempotencyKey = in.text();
        long retentionMs = in.i64();
        Parent parent = Parent.read(in);
        long createdMs = in.i64();
        EarlierRuns earlier = form > FORM_OF_FIRST_RUNS ? EarlierRuns.read(in) : EarlierRuns.NONE;
        String traceparent = form == FORM ? in.text() : "";
        boolean scheduled = form == FORM ? in.bool() : form == FORM_WITHOUT_TRACES;
        return new Header(
                id,
                orgId,
                standaloneTask,
                work,
                idempotencyKey,
                retentionMs,
                parent,
                createdMs,
                earlier,
                scheduled ? readOrigin(in) : null,
                traceparent);
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return createdMs - work.prioritySeconds * 1000L;
    }
}
