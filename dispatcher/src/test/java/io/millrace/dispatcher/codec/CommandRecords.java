package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.*;
import io.millrace.proto.Ids;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.v1.Binding;
import io.millrace.proto.v1.ChangeTaskState.Change;
import io.millrace.proto.v1.ChildClosed.Outcome;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ResetPoint;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import io.millrace.proto.v1.SteerSchedule;
import io.millrace.proto.v1.SubmitCommands.Status;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkType;
import java.util.UUID;
import java.util.function.LongConsumer;

/** Turns commands of the engine into records of the commands topic, as front doors and notifiers write them. */
public final class CommandRecords {

    private static final Principal WRITER = Principal.newBuilder()
            .setType(Principal.Type.WORKER)
            .setId("w")
            .setRole("worker")
            .build();

    private static final UUID BULK_JOB = new UUID(0xb, 0xb);

    private CommandRecords() {}

    /** @return the record, whose writer waits for an answer */
    public static CommandRecord of(CommandMeta meta, Command command) {
        CommandRecord.Builder record = CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(meta.commandId()))
                .setOrgId(Ids.toByteString(meta.orgId()))
                .setPrincipal(meta.asker().equals(Asker.NOBODY) ? WRITER : principal(meta.asker()))
                .setTimeMs(meta.timeMs())
                .setOrigin("node")
                .setReplyNode("node")
                .setReplySequence(meta.offset())
                .setMaxHistoryBytes(meta.maxHistoryBytes())
                .setSentAgain(meta.sentAgain())
                .setTraceparent(meta.traceparent());
        if (meta.ofBulkJob()) {
            record.setBulkJob(Ids.toByteString(BULK_JOB));
        }
        body(record, command);
        return record.build();
    }

    private static Principal principal(Asker asker) {
        return Principal.newBuilder()
                .setType(Principal.Type.valueOf(asker.type()))
                .setId(asker.id())
                .setCredential(asker.credential())
                .build();
    }

    private static void ofSchedule(CommandRecord.Builder record, OfSchedule command) {
        switch (command) {
            case CreateSchedule c -> create(record, c);
            case UpdateSchedule c -> {
                var update = record.getUpdateScheduleBuilder()
                        .setSchedule(c.schedule())
                        .setOverlap(
                                ScheduleOverlap.valueOf("OVERLAP_" + c.overlap().name()))
                        .setMissed(ScheduleMissed.valueOf("MISSED_" + c.missed().name()))
                        .setMissedAfterMs(c.missedAfterMs())
                        .setCancelAfterMs(c.cancelAfterMs())
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
                timing(update.getTimingBuilder(), c.timing());
                expected(c.expectedVersion(), update::setExpectedVersion);
            }
            case PauseSchedule c ->
                steering(
                        record.getPauseScheduleBuilder(),
                        c.schedule(),
                        c.reason(),
                        c.requestedBy(),
                        c.expectedVersion());
            case ResumeSchedule c ->
                steering(
                        record.getResumeScheduleBuilder(),
                        c.schedule(),
                        c.reason(),
                        c.requestedBy(),
                        c.expectedVersion());
            case DeleteSchedule c ->
                steering(
                        record.getDeleteScheduleBuilder(),
                        c.schedule(),
                        c.reason(),
                        c.requestedBy(),
                        c.expectedVersion());
            case TriggerSchedule c ->
                steering(
                        record.getTriggerScheduleBuilder(),
                        c.schedule(),
                        c.reason(),
                        c.requestedBy(),
                        c.expectedVersion());
            case BackfillSchedule c -> {
                var backfill = record.getBackfillScheduleBuilder()
                        .setSchedule(c.schedule())
                        .setFromMs(c.fromMs())
                        .setUntilMs(c.untilMs())
                        .setParallel(c.parallel())
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
                expected(c.expectedVersion(), backfill::setExpectedVersion);
            }
            case StopBackfill c ->
                steering(
                        record.getStopBackfillBuilder(),
                        c.schedule(),
                        c.reason(),
                        c.requestedBy(),
                        c.expectedVersion());
            case PlanSchedule c -> {
                var plan = record.getPlanScheduleBuilder()
                        .setSchedule(c.schedule())
                        .setScheduleId(id(c.scheduleId()))
                        .setAfterMs(c.afterMs())
                        .setUntilMs(c.untilMs())
                        .setLast(c.last())
                        .setPassedOverMs(c.passedOverMs())
                        .setBackfill(c.backfill());
                c.times()
                        .forEach(time ->
                                plan.addTimesBuilder().setDueMs(time.dueMs()).setAtMs(time.atMs()));
            }
            case ScheduledRunEnded c ->
                record.getScheduledRunEndedBuilder()
                        .setSchedule(c.schedule())
                        .setScheduleId(id(c.scheduleId()))
                        .setExecutionId(id(c.runId()))
                        .setOutcome(c.outcome());
        }
    }

    private static void ofPolicy(CommandRecord.Builder record, OfPolicy command) {
        switch (command) {
            case PauseWork c -> {
                var pause = record.getPauseWorkBuilder()
                        .setLastsMs(c.lastsMs())
                        .setSubject(PolicyCodec.encode(c.subject()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setPartitions(c.partitions());
                expected(c.expectedVersion(), pause::setExpectedVersion);
            }
            case ResumeWork c -> {
                var resume = record.getResumeWorkBuilder()
                        .setSubject(PolicyCodec.encode(c.subject()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setPartitions(c.partitions());
                expected(c.expectedVersion(), resume::setExpectedVersion);
            }
            case LimitWork c -> {
                var limit = record.getLimitWorkBuilder()
                        .setSubject(PolicyCodec.encode(c.subject()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setPartitions(c.partitions());
                if (c.limit() != null) {
                    limit.setLimit(PolicyCodec.encode(WorkPolicy.USUAL.limited(c.limit()))
                            .getLimit());
                }
                expected(c.expectedVersion(), limit::setExpectedVersion);
            }
        }
    }

    private static void ofBulkJob(CommandRecord.Builder record, OfBulkJob command) {
        switch (command) {
            case BeginBulkJob c ->
                record.getBeginBulkJobBuilder()
                        .setJobId(id(c.jobId()))
                        .setAction(c.definition().action())
                        .setQuery(c.definition().query())
                        .setRate(c.definition().rate())
                        .setForceAfterMs(c.definition().forceAfterMs())
                        .setExpected(c.definition().expected())
                        .setReason(c.definition().reason())
                        .setRequestedBy(c.definition().requestedBy())
                        .setRole(c.definition().role())
                        .setCredential(c.definition().credential())
                        .putAllHow(c.definition().how());
            case SteerBulkJob c -> {
                var steer = record.getSteerBulkJobBuilder()
                        .setJobId(id(c.jobId()))
                        .setSteering(io.millrace.proto.v1.SteerBulkJob.Steering.valueOf(
                                c.steering().name()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
                expected(c.expectedVersion(), steer::setExpectedVersion);
            }
            case ClaimBulkJob c ->
                record.getClaimBulkJobBuilder()
                        .setJobId(id(c.jobId()))
                        .setRunner(c.runner())
                        .setLeaseMs(c.leaseMs());
            case AdvanceBulkJob c -> {
                var advance = record.getAdvanceBulkJobBuilder()
                        .setJobId(id(c.jobId()))
                        .setClaim(c.claim())
                        .setLeaseMs(c.leaseMs())
                        .setCursorMs(c.progress().cursorMs())
                        .setDone(c.progress().done())
                        .setRefused(c.progress().refused())
                        .setSkipped(c.progress().skipped())
                        .setLast(c.last())
                        .setFailure(c.failure());
                if (c.progress().cursorId() != null) {
                    advance.setCursorId(id(c.progress().cursorId()));
                }
            }
        }
    }

    private static void steering(
            SteerSchedule.Builder record, String schedule, String reason, String requestedBy, long expectedVersion) {
        record.setSchedule(schedule).setReason(reason).setRequestedBy(requestedBy);
        expected(expectedVersion, record::setExpectedVersion);
    }

    private static void expected(long version, LongConsumer said) {
        if (version != Command.ANY_VERSION) {
            said.accept(version);
        }
    }

    private static void create(CommandRecord.Builder record, CreateSchedule c) {
        ScheduleDefinition definition = c.definition();
        ScheduleTiming timing = definition.timing();
        var create = record.getCreateScheduleBuilder()
                .setSchedule(definition.name())
                .setScheduleId(id(definition.id()))
                .setOverlap(ScheduleOverlap.valueOf(
                        "OVERLAP_" + definition.overlap().name()))
                .setMissed(
                        ScheduleMissed.valueOf("MISSED_" + definition.missed().name()))
                .setMissedAfterMs(definition.missedAfterMs())
                .setCancelAfterMs(definition.cancelAfterMs())
                .setPaused(c.paused())
                .setRequestedBy(c.requestedBy());
        create.getStartBuilder()
                .setKind(definition.start().kind())
                .setInput(bytes(definition.start().input()))
                .putAllMetadata(definition.start().metadata())
                .setQueue(definition.start().queue())
                .setPrioritySeconds(definition.start().prioritySeconds())
                .setWorkflowVersion(definition.start().workflowVersion())
                .setWorkflowDefinitionId(definition.start().workflowDefinitionId())
                .setRetentionMs(definition.start().retentionMs());
        timing(create.getTimingBuilder(), timing);
    }

    private static void timing(io.millrace.proto.v1.ScheduleTiming.Builder when, ScheduleTiming timing) {
        when.setTimeZone(timing.timeZone())
                .setAnchorMs(timing.anchorMs())
                .setStartMs(timing.startMs())
                .setEndMs(timing.endMs())
                .setJitterMs(timing.jitterMs());
        switch (timing.form()) {
            case CRON -> when.setCron(timing.cron());
            case INTERVAL -> when.setEveryMs(timing.everyMs());
            case ONCE -> when.setAtMs(timing.atMs());
        }
    }

    private static void body(CommandRecord.Builder record, Command command) {
        switch (command) {
            case WithClaims c -> {
                body(record, c.command());
                record.setClaims(claims(c.claims()));
            }
            case ClaimWork c -> record.setClaimWork(claims(c));
            case StartWorkflow c -> record.setStartWorkflow(start(c));
            case SignalWithStart c ->
                record.getSignalWithStartBuilder()
                        .setStart(start(c.start()))
                        .setSignalName(c.signalName())
                        .setSignalValue(bytes(c.signalValue()))
                        .setMaxSignals(c.maxSignals());
            case SignalWorkflow c ->
                record.getSignalWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setSignalName(c.signalName())
                        .setSignalValue(bytes(c.signalValue()))
                        .setMaxSignals(c.maxSignals());
            case Command.CancelWorkflow c ->
                record.getCancelWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy());
            case RequestCancellation c ->
                record.getRequestCancellationBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setForceAfterMs(c.forceAfterMs())
                        .setExpectedSequence(c.expectedSequence());
            case TerminateWorkflow c ->
                record.getTerminateWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setExpectedSequence(c.expectedSequence());
            case PauseWorkflow c ->
                record.getPauseWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setExpectedSequence(c.expectedSequence());
            case ResumeWorkflow c ->
                record.getResumeWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setExpectedSequence(c.expectedSequence());
            case RetryTask c -> {
                var retry =
                        record.getRetryTaskBuilder().setTaskId(id(c.taskId())).setExecutionId(id(c.executionId()));
                expected(c.expectedVersion(), retry::setExpectedVersion);
            }
            case ResetWorkflow c ->
                record.getResetWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setNewExecutionId(id(c.newExecutionId()))
                        .setPoint(ResetPoint.valueOf(c.point().name()))
                        .setSequence(c.sequence())
                        .setInput(bytes(c.input()))
                        .setOtherInput(c.input() != null)
                        .setDryRun(c.dryRun())
                        .setReason(c.reason())
                        .setRequestedBy(c.requestedBy())
                        .setExpectedSequence(c.expectedSequence())
                        .setKeyTtlMs(c.keyTtlMs())
                        .setEventType(c.eventType());
            case ContinueChild c ->
                record.getContinueChildBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setNewExecutionId(id(c.newExecutionId()))
                        .setParentExecutionId(id(c.parentExecutionId()))
                        .setChildExecutionName(c.childExecutionName())
                        .setPoint(ResetPoint.valueOf(c.point().name()))
                        .setReason(c.reason())
                        .setKeyTtlMs(c.keyTtlMs());
            case OfSchedule c -> ofSchedule(record, c);
            case SaveQuery c -> {
                var save = record.getSaveQueryBuilder()
                        .setName(c.query().name())
                        .setSubject(c.query().subject())
                        .setQuery(c.query().query())
                        .setAbout(c.query().about())
                        .setRequestedBy(c.query().savedBy());
                expected(c.expectedVersion(), save::setExpectedVersion);
            }
            case DeleteQuery c -> {
                var delete = record.getDeleteQueryBuilder().setName(c.name()).setRequestedBy(c.requestedBy());
                expected(c.expectedVersion(), delete::setExpectedVersion);
            }
            case AnnotateWorkflow c ->
                record.getAnnotateWorkflowBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setText(c.text())
                        .setRequestedBy(c.requestedBy());
            case OfBulkJob c -> ofBulkJob(record, c);
            case OfPolicy c -> ofPolicy(record, c);
            case FollowPolicy c ->
                record.getFollowPolicyBuilder()
                        .setSubject(PolicyCodec.encode(c.subject()))
                        .setPolicy(PolicyCodec.encode(c.policy()));
            case TellPlaces c ->
                record.getTellPlacesBuilder()
                        .setQueue(c.queue())
                        .setEpoch(c.epoch())
                        .setPartition(c.partition())
                        .setBegun(c.begun())
                        .setAsked(c.asked())
                        .setReturned(c.returned());
            case LendPlaces c ->
                record.getLendPlacesBuilder()
                        .setQueue(c.queue())
                        .setEpoch(c.epoch())
                        .setLent(c.lent());
            case StartScheduledRun c ->
                record.getStartScheduledRunBuilder()
                        .setStart(start(c.start()))
                        .setSchedule(c.origin().schedule())
                        .setScheduleId(id(c.origin().scheduleId()))
                        .setDueMs(c.origin().dueMs())
                        .setAwaited(c.origin().awaited());
            case CheckScheduledRun c ->
                record.getCheckScheduledRunBuilder()
                        .setSchedule(c.schedule())
                        .setScheduleId(id(c.scheduleId()))
                        .setExecutionId(id(c.runId()));
            case ReleaseClaim c ->
                record.getReleaseClaimBuilder()
                        .setWorkType(WorkType.valueOf(c.workType().name()))
                        .setExecutionId(id(c.executionId()))
                        .setTaskId(id(c.taskId()))
                        .setClaimId(id(c.claimId()))
                        .setReason(c.reason());
            case WorkerGone c ->
                record.getWorkerGoneBuilder()
                        .setWorkerId(c.workerId())
                        .setReason(c.reason())
                        .setUntilMs(c.untilMs())
                        .setPrincipal(principal(c.principal()));
            case WorkerBack c ->
                record.getWorkerBackBuilder()
                        .setWorkerId(c.workerId())
                        .setReason(c.reason())
                        .setProcess(c.process())
                        .setIdle(c.idle())
                        .setGraceMs(c.graceMs())
                        .setMomentsMs(c.momentsMs())
                        .setUntilMs(c.untilMs())
                        .setRecentMs(c.recentMs())
                        .addAllClaimIds(
                                c.claimIds().stream().map(Ids::toByteString).toList())
                        .setPrincipal(principal(c.principal()));
            case SubmitCommands c -> submission(record, c);
            case Command.ResolvePromise c ->
                record.getResolvePromiseBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setPromiseId(id(c.promiseId()))
                        .setPromiseName(text(c.promiseName()))
                        .setValue(bytes(c.value()));
            case RejectPromise c ->
                record.getRejectPromiseBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setPromiseId(id(c.promiseId()))
                        .setPromiseName(text(c.promiseName()))
                        .setError(c.error());
            case BindPromiseKey c ->
                record.getBindPromiseKeyBuilder()
                        .setKey(c.key())
                        .setExecutionId(id(c.executionId()))
                        .setPromiseId(id(c.promiseId()))
                        .setPromiseName(c.promiseName())
                        .setTtlMs(c.ttlMs());
            case FreePromiseKey c ->
                record.getFreePromiseKeyBuilder().setKey(c.key()).setPromiseId(id(c.promiseId()));
            case SettlePromiseByKey c ->
                record.getSettlePromiseByKeyBuilder()
                        .setKey(c.key())
                        .setReject(c.reject())
                        .setValue(bytes(c.value()))
                        .setError(text(c.error()));
            case SubmitTask c ->
                record.getSubmitTaskBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setKind(c.kind())
                        .setInput(bytes(c.input()))
                        .putAllMetadata(c.metadata())
                        .setMaxRetries(c.maxRetries())
                        .setTimeoutMs(c.timeoutMs())
                        .setIdempotencyKey(c.idempotencyKey())
                        .setIdempotencyKeyTtlMs(c.idempotencyKeyTtlMs())
                        .setQueue(c.queue())
                        .setRetentionMs(c.retentionMs())
                        .setScheduledAtMs(c.scheduledAtMs());
            case CompleteTask c ->
                record.getCompleteTaskBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setOutput(bytes(c.output()));
            case FailTask c ->
                record.getFailTaskBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setError(c.error())
                        .setRetryDelayMs(c.retryDelayMs());
            case CancelTask c -> {
                var cancel =
                        record.getCancelTaskBuilder().setTaskId(id(c.taskId())).setExecutionId(id(c.executionId()));
                expected(c.expectedVersion(), cancel::setExpectedVersion);
            }
            case HeartbeatTask c ->
                record.getHeartbeatTaskBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setClaimId(id(c.claimId()))
                        .setLeaving(c.leaving());
            case ReportTaskProgress c ->
                record.getReportTaskProgressBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setProgress(c.progress())
                        .setDetails(c.details());
            case LogTaskMessage c ->
                record.getLogTaskMessageBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setLevel(c.level())
                        .setMessage(c.message())
                        .setMaxMessages(c.maxMessages())
                        .setMaxLogBytes(c.maxLogBytes());
            case ChangeTaskState c ->
                record.getChangeTaskStateBuilder()
                        .setTaskId(id(c.taskId()))
                        .setExecutionId(id(c.executionId()))
                        .setChange(Change.valueOf(c.change().name()))
                        .setKey(text(c.key()))
                        .setValue(bytes(c.value()))
                        .setMaxStateBytes(c.maxStateBytes());
            case ChildClosed c ->
                record.getChildClosedBuilder()
                        .setParentExecutionId(id(c.parentExecutionId()))
                        .setChildExecutionId(id(c.childExecutionId()))
                        .setChildExecutionName(c.childExecutionName())
                        .setOutcome(Outcome.valueOf(c.outcome().name()))
                        .setOutput(bytes(c.output()))
                        .setError(text(c.error()));
            case FireDue c -> record.getFireDueBuilder().setLimit(c.limit()).setUnservedUntilMs(c.unservedUntilMs());
            case BeginTenure c ->
                record.getBeginTenureBuilder()
                        .setTenureId(id(c.tenureId()))
                        .setNode(c.node())
                        .setKnownRules(c.knownRules())
                        .setRulesOfNewLog(c.rulesOfNewLog())
                        .setReadLeaseMs(c.readLeaseMs());
            case EndTenure c ->
                record.getEndTenureBuilder().setTenureId(id(c.tenureId())).setNode(c.node());
            case RaiseRules c -> record.getRaiseRulesBuilder().setVersion(c.version());
            case RecordNote c -> record.getRecordNoteBuilder().setKind("node_started");
            case RecordRefusal c ->
                record.getRecordRefusalBuilder()
                        .setMethod(c.method())
                        .setReason(c.reason())
                        .setText(c.text())
                        .setSubject(c.subject());
            case ReportRefused c ->
                record.getReportRefusedBuilder()
                        .setExecutionId(id(c.executionId()))
                        .setTaskId(id(c.taskId()))
                        .setText(c.text())
                        .setFirstSequenceNumber(c.firstSequenceNumber())
                        .setGraceMs(c.graceMs())
                        .setMaxRounds(c.maxRounds());
        }
    }

    private static io.millrace.proto.v1.StartWorkflow start(StartWorkflow c) {
        return io.millrace.proto.v1.StartWorkflow.newBuilder()
                .setExecutionId(id(c.executionId()))
                .setKind(c.kind())
                .setInput(bytes(c.input()))
                .putAllMetadata(c.metadata())
                .setQueue(c.queue())
                .setPrioritySeconds(c.prioritySeconds())
                .setWorkflowVersion(c.workflowVersion())
                .setWorkflowDefinitionId(c.workflowDefinitionId())
                .setIdempotencyKey(c.idempotencyKey())
                .setIdempotencyKeyTtlMs(c.idempotencyKeyTtlMs())
                .setRetentionMs(c.retentionMs())
                .setParentExecutionId(id(c.parentExecutionId()))
                .setChildExecutionName(text(c.childExecutionName()))
                .build();
    }

    private static io.millrace.proto.v1.ClaimWork claims(ClaimWork c) {
        io.millrace.proto.v1.ClaimWork.Builder claims = io.millrace.proto.v1.ClaimWork.newBuilder()
                .setWorkType(WorkType.valueOf(c.workType().name()))
                .setQueue(c.queue());
        for (Claim claim : c.claims()) {
            var one = claims.addClaimsBuilder()
                    .setClaimId(id(claim.claimId()))
                    .setWorkerId(claim.workerId())
                    .addAllKinds(claim.kinds())
                    .setAnyKind(claim.anyKind())
                    .setLeaseMs(claim.leaseMs())
                    .setMaxDeliveries(claim.maxDeliveries())
                    .putAllLongerLeaseMs(claim.longerLeasesMs());
            Holder holder = claim.holder();
            if (holder != null) {
                one.setHolder(principal(holder.who()))
                        .setBinding(Binding.valueOf(holder.binding().name()));
            }
        }
        return claims.build();
    }

    private static void submission(CommandRecord.Builder record, SubmitCommands c) {
        var submission = record.getSubmitCommandsBuilder()
                .setExecutionId(id(c.executionId()))
                .setStatus(Status.valueOf(c.status().name()))
                .setMaxStaleRounds(c.maxStaleRounds())
                .setStaleRetryDelayMs(c.staleRetryDelayMs())
                .setRetentionMs(c.retentionMs());
        int sequence = c.firstSequenceNumber();
        for (WorkflowStep step : c.steps()) {
            submission.addCommands(step(step).setSequenceNumber(sequence++));
        }
    }

    private static SubmittedCommand.Builder step(WorkflowStep step) {
        SubmittedCommand.Builder command = SubmittedCommand.newBuilder();
        switch (step) {
            case RecordOperation s ->
                command.getRecordOperationBuilder().setOperationName(s.name()).setResult(bytes(s.result()));
            case SetState s -> command.getSetStateBuilder().setKey(s.key()).setValue(bytes(s.value()));
            case ClearState s -> command.getClearStateBuilder().setKey(s.key());
            case ScheduleTask s ->
                command.getScheduleTaskBuilder()
                        .setKind(s.kind())
                        .setInput(bytes(s.input()))
                        .setTaskExecutionId(s.taskId().toString())
                        .setMaxRetries(s.maxRetries())
                        .setTimeoutMs(s.timeoutMs())
                        .setQueue(s.queue());
            case CompleteWorkflow s -> command.getCompleteWorkflowBuilder().setOutput(bytes(s.output()));
            case FailWorkflow s ->
                command.getFailWorkflowBuilder()
                        .setError(s.error())
                        .setStackTrace(s.stackTrace())
                        .setFailureType(s.failureType());
            case SuspendWorkflow s -> command.getSuspendWorkflowBuilder().setReason(s.reason());
            case WorkflowStep.CancelWorkflow s ->
                command.getCancelWorkflowBuilder().setReason(s.reason());
            case CreatePromise s ->
                command.getCreatePromiseBuilder()
                        .setPromiseId(s.name())
                        .setTimeoutMs(s.timeoutMs())
                        .setIdempotencyKey(s.idempotencyKey())
                        .setIdempotencyKeyTtlSeconds(s.idempotencyKeyTtlMs() / 1_000);
            case WorkflowStep.ResolvePromise s ->
                command.getResolvePromiseBuilder().setPromiseId(s.name()).setValue(bytes(s.value()));
            case ScheduleChildWorkflow s ->
                command.getScheduleChildWorkflowBuilder()
                        .setChildExecutionName(s.name())
                        .setWorkflowKind(s.kind())
                        .setWorkflowDefinitionId(s.definitionId())
                        .setChildWorkflowExecutionId(s.childId().toString())
                        .setInput(bytes(s.input()))
                        .setQueue(s.queue())
                        .setPrioritySeconds(s.prioritySeconds());
            case StartTimer s ->
                command.getStartTimerBuilder().setTimerId(s.timerId()).setDurationMs(s.durationMs());
            case CancelTimer s -> command.getCancelTimerBuilder().setTimerId(s.timerId());
            case RequestCancelChild s ->
                command.getRequestCancelChildWorkflowBuilder()
                        .setChildExecutionName(s.name())
                        .setChildWorkflowExecutionId(
                                s.childId() == null ? "" : s.childId().toString())
                        .setReason(s.reason());
            case ContinueAsNew s ->
                command.getContinueAsNewBuilder()
                        .setNewExecutionId(id(s.newExecutionId()))
                        .setInput(bytes(s.input()))
                        .setKeyTtlMs(s.keyTtlMs())
                        .putAllTakenSignals(s.takenSignals());
            case Unspecified s -> {} // what SDKs send in place of what they cannot express
        }
        return command;
    }

    private static ByteString id(UUID id) {
        return id == null ? ByteString.EMPTY : Ids.toByteString(id);
    }

    private static ByteString bytes(Payload payload) {
        return payload == null ? ByteString.EMPTY : ByteString.copyFrom(payload.json());
    }

    private static String text(String text) {
        return text == null ? "" : text;
    }
}
