package io.millrace.ingest.audit.trail;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one request was and what came of it, for one organisation.
 *
 * @param partition partition of the command and of the outcome
 * @param offset offset of the outcome in its partition of millrace.events
 * @param commandOffset offset of the command in the same partition of millrace.commands
 * @param orgId organisation it concerns; {@link #NOBODY} for what concerns the server alone
 * @param commandId id of the command, or null where it has none
 * @param askedMs when it was asked, milliseconds since the epoch by the clock of the node that wrote it
 * @param decidedMs when it took effect, milliseconds since the epoch by the clock of the partition
 * @param principal who asked
 * @param origin from where
 * @param traceId trace of the caller, 32 hexadecimal digits, or null
 * @param command name of the command, such as start_workflow
 * @param request method of a request that was refused at the front door, or the kind of a note; null for others
 * @param executionId workflow execution or standalone task that it concerns, or null
 * @param moreExecutionIds others that it concerns
 * @param taskId task that it names, or null
 * @param queue queue that it names, or that of what it is about, or null
 * @param kind kind of workflow or task that it names, or that of what it is about, or null
 * @param reason why, where that was said, or null
 * @param refusal why it was refused; null if it was carried out
 * @param refusalText the refusal's text, or null
 * @param events types of its events, in order
 * @param details what a note says more, by name, and who holds the work that it is about
 */
public record TrailEntry(
        int partition,
        long offset,
        long commandOffset,
        UUID orgId,
        @Nullable UUID commandId,
        long askedMs,
        long decidedMs,
        Principal principal,
        Origin origin,
        @Nullable String traceId,
        String command,
        @Nullable String request,
        @Nullable UUID executionId,
        List<UUID> moreExecutionIds,
        @Nullable UUID taskId,
        @Nullable String queue,
        @Nullable String kind,
        @Nullable String reason,
        @Nullable RefusalReason refusal,
        @Nullable String refusalText,
        List<String> events,
        Map<String, String> details) {

    /** Stands in the place of an organisation where none is concerned. */
    public static final UUID NOBODY = new UUID(0, 0);

    /** What is said of an outcome that is no refusal. */
    public static final String DONE = "DONE";

    /** What is said of one that was to end what had ended already. */
    public static final String ALREADY_CLOSED = "ALREADY_CLOSED";

    /** What is said of one that changed nothing, since it was so already, or it only asked what would happen. */
    public static final String UNCHANGED = "UNCHANGED";

    /** All that {@link #outcome()} may say. */
    public static final List<String> OUTCOMES = Stream.concat(
                    Stream.of(DONE, ALREADY_CLOSED, UNCHANGED),
                    Stream.of(RefusalReason.values())
                            .filter(reason -> reason != RefusalReason.UNRECOGNIZED
                                    && reason != RefusalReason.REFUSAL_REASON_UNSPECIFIED)
                            .map(RefusalReason::name))
            .toList();

    /** Requests that let something happen, or find it ended. */
    private static final Set<String> ENDING = Set.of("cancel_workflow", "terminate_workflow", "cancel_task");

    /** Requests that let something happen, or find it so. */
    private static final Set<String> CHANGING = Set.of(
            "request_cancellation",
            "pause_workflow",
            "resume_workflow",
            "retry_task",
            "reset_workflow",
            "begin_bulk_job",
            "steer_bulk_job",
            "save_query",
            "pause_work",
            "resume_work",
            "create_schedule",
            "update_schedule",
            "pause_schedule",
            "resume_schedule",
            "plan_schedule",
            "start_scheduled_run",
            "scheduled_run_ended");

    private static final int TRACEPARENT_CHARS = 55;

    /** @return {@link #DONE}, {@link #ALREADY_CLOSED}, {@link #UNCHANGED}, or the reason of the refusal */
    public String outcome() {
        if (refusal != null) {
            return refusal.name();
        }
        if (!events.isEmpty()) {
            return DONE;
        }
        return ENDING.contains(command) ? ALREADY_CLOSED : CHANGING.contains(command) ? UNCHANGED : DONE;
    }

    /** @return the reason of the refusal that an {@link #outcome()} tells of, or null */
    public static @Nullable RefusalReason refusal(String outcome) {
        return switch (outcome) {
            case DONE, ALREADY_CLOSED, UNCHANGED -> null;
            default -> RefusalReason.valueOf(outcome);
        };
    }

    /**
     * Says whose queue and kind are told where the command names none: the task's that it names, or else those of
     * {@link #executionId}, a workflow execution or a standalone task.
     *
     * <p>Only what lives in the partition of the entry is looked for. Of others it depends on which partition is read first whether
     * they have begun, and the trail must be the same whoever reads it.
     *
     * @param partitions how many there are
     * @return whom to look for, the first one that is found; none if nothing is lacking, or it is about none that lives here
     */
    public List<Work.Key> lacksWorkOf(int partitions) {
        UUID home = executionId != null ? executionId : taskId;
        if (queue != null && kind != null || home == null || Shards.partition(home, partitions) != partition) {
            return List.of();
        }
        if (taskId != null) {
            return List.of(new Work.Key(orgId, true, taskId));
        }
        return executionId == null
                ? List.of()
                : List.of(new Work.Key(orgId, false, executionId), new Work.Key(orgId, true, executionId));
    }

    /** @return the same, with this queue and kind where it names none */
    public TrailEntry with(Work work) {
        return new TrailEntry(
                partition,
                offset,
                commandOffset,
                orgId,
                commandId,
                askedMs,
                decidedMs,
                principal,
                origin,
                traceId,
                command,
                request,
                executionId,
                moreExecutionIds,
                taskId,
                queue == null ? work.queue() : queue,
                kind == null ? work.kind() : kind,
                reason,
                refusal,
                refusalText,
                events,
                details);
    }

    /**
     * @param asked the command of the outcome
     * @return one entry for each organisation that it concerns: that of the command, or those of its events where the server
     *     asked in its own name
     */
    public static List<TrailEntry> of(int partition, long offset, OutcomeRecord outcome, Asked asked) {
        return of(partition, offset, outcome, asked, event -> JsonFields.parse(event.getData()));
    }

    /**
     * The same for whoever reads the data of events as well.
     *
     * @param data reads those of an event
     */
    public static List<TrailEntry> of(
            int partition, long offset, OutcomeRecord outcome, Asked asked, Function<EventRecord, JsonFields> data) {
        UUID own = Asked.idOrNull(outcome.getOrgId());
        if (own != null && !own.equals(NOBODY)) {
            return List.of(of(partition, offset, own, outcome, asked, data));
        }
        Set<UUID> concerned = new LinkedHashSet<>();
        for (EventRecord event : outcome.getEventsList()) {
            UUID org = Asked.idOrNull(event.getOrgId());
            concerned.add(org == null ? NOBODY : org);
        }
        if (concerned.isEmpty()) {
            concerned.add(NOBODY);
        }
        return concerned.stream()
                .map(org -> of(partition, offset, org, outcome, asked, data))
                .toList();
    }

    private static TrailEntry of(
            int partition,
            long offset,
            UUID orgId,
            OutcomeRecord outcome,
            Asked asked,
            Function<EventRecord, JsonFields> data) {
        Set<UUID> executions = new LinkedHashSet<>();
        if (asked.executionId() != null) {
            executions.add(asked.executionId());
        }
        Holders holders = new Holders(data);
        List<String> types = new ArrayList<>(outcome.getEventsCount());
        for (EventRecord event : outcome.getEventsList()) {
            UUID org = Asked.idOrNull(event.getOrgId());
            if (orgId.equals(org == null ? NOBODY : org)) {
                types.add(event.getType());
                holders.note(event);
                UUID execution = Asked.idOrNull(event.getExecutionId());
                if (execution != null) {
                    executions.add(execution);
                }
            }
        }
        UUID first = executions.isEmpty() ? null : executions.iterator().next();
        executions.remove(first);
        boolean refused = outcome.hasRefusal();
        String traceparent = outcome.getTraceparent();
        return new TrailEntry(
                partition,
                offset,
                outcome.getCommandOffset(),
                orgId,
                Asked.idOrNull(outcome.getCommandId()),
                asked.timeMs(),
                outcome.getTimeMs(),
                outcome.getPrincipal(),
                Origin.of(outcome.getOrigin()),
                traceparent.length() == TRACEPARENT_CHARS ? traceparent.substring(3, 35) : null,
                outcome.getCommand(),
                asked.request(),
                first,
                List.copyOf(executions),
                asked.taskId(),
                asked.queue(),
                asked.kind(),
                asked.reason(),
                refused ? outcome.getRefusal().getReason() : null,
                refused ? outcome.getRefusal().getText() : null,
                types,
                holders.with(asked.details()));
    }
}
