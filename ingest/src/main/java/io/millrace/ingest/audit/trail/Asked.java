package io.millrace.ingest.audit.trail;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.Approval;
import io.millrace.proto.v1.BackfillSchedule;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.LimitWork;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ResetPoint;
import io.millrace.proto.v1.ResetWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SteerSchedule;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkSubject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the trail keeps of a command: all but its payloads.
 *
 * @param commandId as it stands in the record, of whatever length
 * @param orgId as it stands in the record, of whatever length
 * @param principal who asked
 * @param origin from where, as it stands in the record
 * @param traceparent trace context of the caller, or the empty text
 * @param timeMs time at which it was asked by its writer's clock, milliseconds since the epoch
 * @param command name of the command's body, such as start_workflow
 * @param request method of a request that was refused, or the kind of a note; null for others
 * @param executionId workflow execution or standalone task that it names, or null
 * @param taskId task that it names, or null
 * @param queue queue that it names, or null
 * @param kind workflow or task kind that it names, or null
 * @param reason why, where it says so, or null
 * @param details what a note says more, by name, or who approved the command, or of which bulk job it is
 * @param recordHash SHA-256 of the whole record
 */
public record Asked(
        ByteString commandId,
        ByteString orgId,
        Principal principal,
        String origin,
        String traceparent,
        long timeMs,
        String command,
        @Nullable String request,
        @Nullable UUID executionId,
        @Nullable UUID taskId,
        @Nullable String queue,
        @Nullable String kind,
        @Nullable String reason,
        Map<String, String> details,
        ByteString recordHash) {

    /** Names of all commands that there are; the last is that of records which cannot be read. */
    public static final List<String> COMMANDS =
            Stream.of(CommandRecord.BodyCase.values()).map(Asked::name).toList();

    /** Name of the detail that tells the id of an approval, in the notes about it and of what was carried out. */
    public static final String APPROVAL = "approval";

    /** Name of the detail that tells the id of the bulk job that a command is about. */
    public static final String BULK_JOB = "bulkJob";

    /** Name of the detail that tells the id of the bulk job that a command was written for, to do its thing to one item. */
    public static final String BULK_ITEM = "itemOf";

    /** What nothing on the log asks for. */
    public static final Asked NOTHING = read(null, new OutcomeHashes());

    /** @param value a record of the commands topic, or null; one that cannot be read asks for nothing */
    static Asked read(byte @Nullable [] value, OutcomeHashes hashes) {
        CommandRecord record = CommandRecord.getDefaultInstance();
        try {
            record = value == null ? record : CommandRecord.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            // It asks for nothing. What stands there enters by its hash all the same.
        }
        return of(record, ByteString.copyFrom(hashes.command(value)));
    }

    private static Asked of(CommandRecord record, ByteString recordHash) {
        Subject subject = subject(record);
        return new Asked(
                record.getCommandId(),
                record.getOrgId(),
                record.getPrincipal(),
                record.getOrigin(),
                record.getTraceparent(),
                record.getTimeMs(),
                name(record.getBodyCase()),
                subject.request,
                subject.executionId,
                subject.taskId,
                subject.queue,
                subject.kind,
                orNull(record.getReason().isEmpty() ? subject.reason : record.getReason()),
                details(record, subject.details),
                recordHash);
    }

    private static Map<String, String> details(CommandRecord record, Map<String, String> own) {
        Map<String, String> details = record.hasApproval() ? approved(record.getApproval(), own) : own;
        if (record.getBulkJob().isEmpty()) {
            return details;
        }
        Map<String, String> more = new TreeMap<>(details);
        more.put(BULK_ITEM, text(record.getBulkJob()));
        return more;
    }

    private static String name(CommandRecord.BodyCase body) {
        return body.name().toLowerCase(Locale.ROOT);
    }

    /** An id that somebody forged may be none. */
    private static String text(ByteString id) {
        UUID known = idOrNull(id);
        return known == null ? "" : known.toString();
    }

    /** Who asked is the principal; who approved it stands beside. */
    private static Map<String, String> approved(Approval approval, Map<String, String> own) {
        UUID id = idOrNull(approval.getId());
        Map<String, String> details = new TreeMap<>(own);
        details.putAll(Map.of(
                APPROVAL,
                id == null ? "" : id.toString(),
                "approvedBy",
                approval.getApprovedBy().getId(),
                "approvedByRole",
                approval.getApprovedBy().getRole(),
                "approvedByCredential",
                approval.getApprovedBy().getCredential()));
        return details;
    }

    /** What the body of a command is about. */
    private static final class Subject {
        private @Nullable UUID executionId;
        private @Nullable UUID taskId;
        private @Nullable String queue;
        private @Nullable String kind;
        private String reason = "";
        private @Nullable String request;
        private Map<String, String> details = Map.of();

        /** Ids in a record that somebody forged may be of any length. */
        Subject execution(ByteString id) {
            executionId = idOrNull(id);
            return this;
        }

        Subject task(ByteString id) {
            taskId = idOrNull(id);
            return this;
        }

        Subject queue(String name) {
            queue = orNull(name);
            return this;
        }

        Subject kind(String name) {
            kind = orNull(name);
            return this;
        }

        Subject reason(String text) {
            reason = text;
            return this;
        }

        Subject request(String method) {
            request = orNull(method);
            return this;
        }

        /** A queue or a kind stands where those of executions do. */
        Subject work(WorkSubject about) {
            switch (about.getType()) {
                case QUEUE -> queue(about.getName());
                case WORKFLOW_KIND, TASK_KIND -> kind(about.getName());
                case WORKER -> {} // its id stands among the details
                case TYPE_UNSPECIFIED, UNRECOGNIZED -> {
                    return this; // somebody forged it
                }
            }
            return details(Map.of("subject", about.getType().name(), "name", about.getName()));
        }

        Subject details(Map<String, String> more) {
            details = new TreeMap<>(more);
            return this;
        }

        Subject more(Map<String, String> further) {
            Map<String, String> all = new TreeMap<>(details);
            all.putAll(further);
            return details(all);
        }
    }

    private static Subject subject(CommandRecord record) {
        Subject subject = new Subject();
        return switch (record.getBodyCase()) {
            case START_WORKFLOW -> start(record.getStartWorkflow());
            case SIGNAL_WITH_START -> start(record.getSignalWithStart().getStart());
            case SIGNAL_WORKFLOW -> subject.execution(record.getSignalWorkflow().getExecutionId());
            case CANCEL_WORKFLOW ->
                subject.execution(record.getCancelWorkflow().getExecutionId())
                        .reason(record.getCancelWorkflow().getReason());
            case REQUEST_CANCELLATION ->
                subject.execution(record.getRequestCancellation().getExecutionId())
                        .reason(record.getRequestCancellation().getReason());
            case TERMINATE_WORKFLOW ->
                subject.execution(record.getTerminateWorkflow().getExecutionId())
                        .reason(record.getTerminateWorkflow().getReason());
            case RESET_WORKFLOW ->
                subject.execution(record.getResetWorkflow().getExecutionId())
                        .reason(record.getResetWorkflow().getReason())
                        .details(reset(record.getResetWorkflow()));
            case CONTINUE_CHILD ->
                subject.execution(record.getContinueChild().getExecutionId())
                        .reason(record.getContinueChild().getReason());
            case PAUSE_WORKFLOW ->
                subject.execution(record.getPauseWorkflow().getExecutionId())
                        .reason(record.getPauseWorkflow().getReason());
            case RESUME_WORKFLOW ->
                subject.execution(record.getResumeWorkflow().getExecutionId())
                        .reason(record.getResumeWorkflow().getReason());
            case SAVE_QUERY ->
                subject.details(Map.of(
                        "name",
                        record.getSaveQuery().getName(),
                        "subject",
                        record.getSaveQuery().getSubject(),
                        "query",
                        record.getSaveQuery().getQuery()));
            case DELETE_QUERY ->
                subject.details(Map.of("name", record.getDeleteQuery().getName()));
            case ANNOTATE_WORKFLOW ->
                subject.execution(record.getAnnotateWorkflow().getExecutionId())
                        .details(Map.of("text", record.getAnnotateWorkflow().getText()));
            case RETRY_TASK ->
                subject.execution(record.getRetryTask().getExecutionId())
                        .task(record.getRetryTask().getTaskId());
            case BEGIN_BULK_JOB ->
                subject.reason(record.getBeginBulkJob().getReason())
                        .details(Map.of(
                                BULK_JOB,
                                text(record.getBeginBulkJob().getJobId()),
                                "action",
                                record.getBeginBulkJob().getAction(),
                                "query",
                                record.getBeginBulkJob().getQuery()));
            case STEER_BULK_JOB ->
                subject.reason(record.getSteerBulkJob().getReason())
                        .details(Map.of(
                                BULK_JOB,
                                text(record.getSteerBulkJob().getJobId()),
                                "steering",
                                record.getSteerBulkJob().getSteering().name()));
            case CLAIM_BULK_JOB ->
                subject.details(Map.of(BULK_JOB, text(record.getClaimBulkJob().getJobId())));
            case ADVANCE_BULK_JOB ->
                subject.details(Map.of(BULK_JOB, text(record.getAdvanceBulkJob().getJobId())));
            case PAUSE_WORK ->
                subject.work(record.getPauseWork().getSubject())
                        .reason(record.getPauseWork().getReason());
            case RESUME_WORK ->
                subject.work(record.getResumeWork().getSubject())
                        .reason(record.getResumeWork().getReason());
            case LIMIT_WORK ->
                subject.work(record.getLimitWork().getSubject())
                        .reason(record.getLimitWork().getReason())
                        .more(limit(record.getLimitWork()));
            case FOLLOW_POLICY -> subject.work(record.getFollowPolicy().getSubject());
            case TELL_PLACES -> subject.queue(record.getTellPlaces().getQueue());
            case LEND_PLACES -> subject.queue(record.getLendPlaces().getQueue());
            case CREATE_SCHEDULE ->
                subject.kind(record.getCreateSchedule().getStart().getKind())
                        .queue(record.getCreateSchedule().getStart().getQueue())
                        .details(schedule(record.getCreateSchedule().getSchedule()));
            case UPDATE_SCHEDULE ->
                subject.reason(record.getUpdateSchedule().getReason())
                        .details(schedule(record.getUpdateSchedule().getSchedule()));
            case PAUSE_SCHEDULE -> steering(subject, record.getPauseSchedule());
            case RESUME_SCHEDULE -> steering(subject, record.getResumeSchedule());
            case DELETE_SCHEDULE -> steering(subject, record.getDeleteSchedule());
            case TRIGGER_SCHEDULE -> steering(subject, record.getTriggerSchedule());
            case STOP_BACKFILL -> steering(subject, record.getStopBackfill());
            case BACKFILL_SCHEDULE ->
                subject.reason(record.getBackfillSchedule().getReason())
                        .details(backfill(record.getBackfillSchedule()));
            case PLAN_SCHEDULE ->
                subject.details(schedule(record.getPlanSchedule().getSchedule()));
            case START_SCHEDULED_RUN ->
                start(record.getStartScheduledRun().getStart())
                        .details(schedule(record.getStartScheduledRun().getSchedule()));
            case SCHEDULED_RUN_ENDED ->
                subject.execution(record.getScheduledRunEnded().getExecutionId())
                        .details(schedule(record.getScheduledRunEnded().getSchedule()));
            case CHECK_SCHEDULED_RUN ->
                subject.execution(record.getCheckScheduledRun().getExecutionId())
                        .details(schedule(record.getCheckScheduledRun().getSchedule()));
            case CLAIM_WORK -> subject.queue(record.getClaimWork().getQueue());
            case RELEASE_CLAIM ->
                subject.execution(record.getReleaseClaim().getExecutionId())
                        .task(record.getReleaseClaim().getTaskId())
                        .reason(record.getReleaseClaim().getReason());
            case SUBMIT_COMMANDS -> subject.execution(record.getSubmitCommands().getExecutionId());
            case RESOLVE_PROMISE -> subject.execution(record.getResolvePromise().getExecutionId());
            case REJECT_PROMISE -> subject.execution(record.getRejectPromise().getExecutionId());
            case SUBMIT_TASK -> {
                var task = record.getSubmitTask();
                yield subject.execution(task.getExecutionId().isEmpty() ? task.getTaskId() : task.getExecutionId())
                        .task(task.getTaskId())
                        .kind(task.getKind())
                        .queue(task.getQueue());
            }
            case COMPLETE_TASK ->
                subject.execution(record.getCompleteTask().getExecutionId())
                        .task(record.getCompleteTask().getTaskId());
            case FAIL_TASK ->
                subject.execution(record.getFailTask().getExecutionId())
                        .task(record.getFailTask().getTaskId());
            case CANCEL_TASK ->
                subject.execution(record.getCancelTask().getExecutionId())
                        .task(record.getCancelTask().getTaskId());
            case HEARTBEAT_TASK ->
                subject.execution(record.getHeartbeatTask().getExecutionId())
                        .task(record.getHeartbeatTask().getTaskId());
            case REPORT_TASK_PROGRESS ->
                subject.execution(record.getReportTaskProgress().getExecutionId())
                        .task(record.getReportTaskProgress().getTaskId());
            case LOG_TASK_MESSAGE ->
                subject.execution(record.getLogTaskMessage().getExecutionId())
                        .task(record.getLogTaskMessage().getTaskId());
            case CHANGE_TASK_STATE ->
                subject.execution(record.getChangeTaskState().getExecutionId())
                        .task(record.getChangeTaskState().getTaskId());
            case CHILD_CLOSED -> subject.execution(record.getChildClosed().getParentExecutionId());
            case BIND_PROMISE_KEY ->
                subject.execution(record.getBindPromiseKey().getExecutionId());
            case WORKER_GONE -> subject.reason(record.getWorkerGone().getReason());
            case WORKER_BACK -> subject.reason(record.getWorkerBack().getReason());
            case REPORT_REFUSED ->
                subject.execution(record.getReportRefused().getExecutionId())
                        .task(record.getReportRefused().getTaskId());
            case RECORD_REFUSAL -> subject.request(record.getRecordRefusal().getMethod());
            case RECORD_NOTE ->
                subject.request(record.getRecordNote().getKind())
                        .execution(record.getRecordNote().getExecutionId())
                        .task(record.getRecordNote().getTaskId())
                        .details(record.getRecordNote().getDetailsMap());
            case FIRE_DUE,
                    SETTLE_PROMISE_BY_KEY,
                    FREE_PROMISE_KEY,
                    BEGIN_TENURE,
                    END_TENURE,
                    RAISE_RULES,
                    BODY_NOT_SET -> subject;
        };
    }

    /** What was asked for; "none" where the limit was to be lifted. */
    private static Map<String, String> limit(LimitWork asked) {
        if (!asked.hasLimit()) {
            return Map.of("limit", "none");
        }
        WorkLimit limit = asked.getLimit();
        Map<String, String> details = new TreeMap<>();
        if (limit.getInFlight() > 0) {
            details.put("inFlight", Integer.toString(limit.getInFlight()));
        }
        if (limit.getRate() > 0) {
            details.put("rate", Integer.toString(limit.getRate()));
            details.put("burst", Integer.toString(limit.getBurst()));
        }
        if (!limit.getFairKey().isEmpty()) {
            details.put("fairKey", limit.getFairKey());
        }
        return details;
    }

    /** From where it was to go on, and as what. */
    private static Map<String, String> reset(ResetWorkflow reset) {
        Map<String, String> details = new TreeMap<>();
        details.put("point", reset.getPoint().name());
        if (reset.getPoint() == ResetPoint.SEQUENCE) {
            details.put("sequence", Integer.toString(reset.getSequence()));
        }
        UUID newId = idOrNull(reset.getNewExecutionId());
        if (reset.getDryRun()) {
            details.put("dryRun", "true");
        } else if (newId != null) {
            details.put("newExecution", newId.toString());
        }
        return details;
    }

    private static Subject steering(Subject subject, SteerSchedule asked) {
        return subject.reason(asked.getReason()).details(schedule(asked.getSchedule()));
    }

    private static Map<String, String> schedule(String name) {
        return Map.of("schedule", name);
    }

    private static Map<String, String> backfill(BackfillSchedule backfill) {
        return Map.of(
                "schedule",
                backfill.getSchedule(),
                "from",
                Instant.ofEpochMilli(backfill.getFromMs()).toString(),
                "until",
                Instant.ofEpochMilli(backfill.getUntilMs()).toString());
    }

    private static Subject start(StartWorkflow start) {
        return new Subject()
                .execution(start.getExecutionId())
                .kind(start.getKind())
                .queue(start.getQueue());
    }

    static @Nullable UUID idOrNull(ByteString bytes) {
        return bytes.size() == 16 ? Ids.fromBytes(bytes) : null;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
