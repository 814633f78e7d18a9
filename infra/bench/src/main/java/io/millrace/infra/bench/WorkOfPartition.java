package io.millrace.infra.bench;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.BeginTenure;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CompleteTask;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one partition as callers and workers would have had them written: workflows of one task, some hundred under way at
 * a time, of four commands each. Claims ride on the commands that bring their work. In the end, one workflow gets many signals
 * between them. The same numbers give the same commands. One thread.
 */
final class WorkOfPartition {

    static final String QUEUE = "made";
    static final String NODE = "made";

    private static final String LONG_QUEUE = "long";
    private static final String KIND = "made-one-task";
    private static final String TASK = "made-task";
    private static final String CALLER = NODE + " 127.0.0.1";
    private static final UUID ORG = UUID.fromString(BenchClient.ORG);
    private static final UUID SERVER = new UUID(0, 0);
    private static final Principal USER = principal(Principal.Type.USER, "made-caller");
    private static final Principal CLOCK = principal(Principal.Type.SYSTEM, "clock");
    private static final Principal OWNER = principal(Principal.Type.SYSTEM, "dispatcher");
    private static final long RETENTION_MS = Duration.ofHours(24).toMillis();
    private static final long LEASE_MS = 30_000;
    private static final int DUE_LIMIT = 250;
    private static final int MAX_SIGNALS = 10_000;
    private static final int MAX_EVENTS = 10_000;
    /** A workflow that nobody works on has these events before its first signal. */
    private static final int EVENTS_OF_START = 2;

    private static final int SHARDS = 1 << 16;
    private static final int UNDER_WAY = 100;
    /** Of the commands at the end every so many is a signal. */
    private static final int SIGNAL_EVERY = 2;

    private final int partition;
    private final int partitions;
    private final int commands;
    private final SplittableRandom random;
    private final @Nullable Workflow[] underWay = new @Nullable Workflow[UNDER_WAY];
    private final int signalsFrom;
    private final String worker;
    private final Principal asWorker;
    private int made;
    private int turn;
    private long replies;
    private int signals;
    private @Nullable UUID longOne;
    private @Nullable Seen inTheMiddle;

    /** A workflow, and when it waited for its task, milliseconds since the epoch. */
    record Seen(UUID id, long waitedMs) {}

    private static final class Workflow {
        private final UUID id;
        private @Nullable UUID task;
        private boolean taskDone;

        private Workflow(UUID id) {
            this.id = id;
        }
    }

    /**
     * @param commands how many there are to be, besides those of the clock
     * @param withLongOne whether one workflow is to get many signals near the end
     */
    WorkOfPartition(int partition, int partitions, int commands, boolean withLongOne) {
        this.partition = partition;
        this.partitions = partitions;
        this.commands = commands;
        this.random = new SplittableRandom(partition);
        this.worker = new UUID(random.nextLong(), random.nextLong()).toString();
        this.asWorker = principal(Principal.Type.WORKER, worker);
        int signalled = withLongOne ? Math.min(MAX_EVENTS - EVENTS_OF_START + 1, commands / 4) : 0;
        this.signalsFrom = commands - SIGNAL_EVERY * signalled;
    }

    private static Principal principal(Principal.Type type, String id) {
        return Principal.newBuilder().setType(type).setId(id).build();
    }

    /** @return whether there is a command left */
    boolean more() {
        return made < commands;
    }

    /** @return how many workflows have begun and not ended, without the one with many signals */
    int underWay() {
        return (int) Arrays.stream(underWay).filter(Objects::nonNull).count();
    }

    /** @return the workflow with many signals, nothing where there were too few commands for one */
    Optional<UUID> longOne() {
        return Optional.ofNullable(longOne);
    }

    /** @return a workflow from the middle of the commands, nothing where there were too few */
    Optional<Seen> inTheMiddle() {
        return Optional.ofNullable(inTheMiddle);
    }

    /** @return what stands first in the log of a partition */
    CommandRecord begin(long timeMs) {
        made++;
        return command(timeMs, SERVER, OWNER, NODE)
                .setBeginTenure(BeginTenure.newBuilder()
                        .setTenureId(Ids.toByteString(id(timeMs)))
                        .setNode(NODE)
                        .setKnownRules(Rules.VERSION)
                        .setRulesOfNewLog(Rules.VERSION))
                .build();
    }

    /** @return what is written when something is due */
    CommandRecord fireDue(long timeMs) {
        return command(timeMs, SERVER, CLOCK, NODE)
                .setFireDue(FireDue.newBuilder().setLimit(DUE_LIMIT))
                .build();
    }

    /** @return the next command of all others */
    CommandRecord next(long timeMs) {
        int number = made++;
        if (number >= signalsFrom && (number - signalsFrom) % SIGNAL_EVERY == 0) {
            UUID signalled = longOne;
            return signalled == null ? startLong(timeMs) : signal(signalled, timeMs);
        }
        int place = turn++ % UNDER_WAY;
        Workflow workflow = underWay[place];
        if (workflow == null) {
            workflow = new Workflow(id(timeMs));
            underWay[place] = workflow;
            return asked(timeMs, USER)
                    .setStartWorkflow(start(workflow.id, KIND, QUEUE))
                    .setClaims(claim(WorkType.WORKFLOW, timeMs))
                    .build();
        }
        UUID scheduled = workflow.task;
        if (scheduled == null) {
            UUID task = id(timeMs);
            workflow.task = task;
            if (number >= commands / 2 && inTheMiddle == null) {
                inTheMiddle = new Seen(workflow.id, timeMs + 1);
            }
            return asked(timeMs, asWorker)
                    .setSubmitCommands(schedule(workflow.id, task))
                    .setClaims(claim(WorkType.TASK, timeMs))
                    .build();
        }
        if (!workflow.taskDone) {
            workflow.taskDone = true;
            return asked(timeMs, asWorker)
                    .setCompleteTask(CompleteTask.newBuilder()
                            .setTaskId(Ids.toByteString(scheduled))
                            .setExecutionId(Ids.toByteString(workflow.id))
                            .setOutput(ByteString.copyFromUtf8("{\"n\":2}")))
                    .setClaims(claim(WorkType.WORKFLOW, timeMs))
                    .build();
        }
        underWay[place] = null;
        return asked(timeMs, asWorker).setSubmitCommands(complete(workflow.id)).build();
    }

    private CommandRecord startLong(long timeMs) {
        UUID id = id(timeMs);
        longOne = id;
        return asked(timeMs, USER).setStartWorkflow(start(id, KIND, LONG_QUEUE)).build();
    }

    private CommandRecord signal(UUID id, long timeMs) {
        return asked(timeMs, USER)
                .setSignalWorkflow(SignalWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setSignalName("made")
                        .setSignalValue(ByteString.copyFromUtf8("{\"n\":" + signals++ + "}"))
                        .setMaxSignals(MAX_SIGNALS))
                .build();
    }

    private static StartWorkflow.Builder start(UUID id, String kind, String queue) {
        return StartWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setKind(kind)
                .setInput(ByteString.copyFromUtf8("{\"n\":1}"))
                .setQueue(queue)
                .setRetentionMs(RETENTION_MS);
    }

    private SubmitCommands.Builder schedule(UUID id, UUID task) {
        return submit(id, SubmitCommands.Status.SUSPENDED)
                .addCommands(SubmittedCommand.newBuilder()
                        .setSequenceNumber(2)
                        .setScheduleTask(SubmittedCommand.ScheduleTask.newBuilder()
                                .setKind(TASK)
                                .setTaskExecutionId(task.toString())
                                .setInput(ByteString.copyFromUtf8("{\"n\":1}"))))
                .addCommands(SubmittedCommand.newBuilder()
                        .setSequenceNumber(3)
                        .setSuspendWorkflow(
                                SubmittedCommand.SuspendWorkflow.newBuilder().setReason("waits")));
    }

    private static SubmitCommands.Builder complete(UUID id) {
        return submit(id, SubmitCommands.Status.COMPLETED)
                .addCommands(SubmittedCommand.newBuilder()
                        .setSequenceNumber(5)
                        .setCompleteWorkflow(SubmittedCommand.CompleteWorkflow.newBuilder()
                                .setOutput(ByteString.copyFromUtf8("{\"n\":2}"))));
    }

    private static SubmitCommands.Builder submit(UUID id, SubmitCommands.Status status) {
        return SubmitCommands.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setStatus(status)
                .setMaxStaleRounds(10)
                .setStaleRetryDelayMs(1_000)
                .setRetentionMs(RETENTION_MS);
    }

    private ClaimWork.Builder claim(WorkType type, long timeMs) {
        return ClaimWork.newBuilder()
                .setWorkType(type)
                .setQueue(QUEUE)
                .addClaims(ClaimWork.Claim.newBuilder()
                        .setClaimId(Ids.toByteString(id(timeMs)))
                        .setWorkerId(worker)
                        .addKinds(type == WorkType.WORKFLOW ? KIND : TASK)
                        .setLeaseMs(LEASE_MS)
                        .setMaxDeliveries(10));
    }

    private CommandRecord.Builder asked(long timeMs, Principal by) {
        return command(timeMs, ORG, by, CALLER).setReplyNode(NODE).setReplySequence(++replies);
    }

    private CommandRecord.Builder command(long timeMs, UUID org, Principal by, String origin) {
        return CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(id(timeMs)))
                .setOrgId(Ids.toByteString(org))
                .setPrincipal(by)
                .setTimeMs(timeMs)
                .setOrigin(origin)
                .setMaxHistoryBytes(Rules.MAX_HISTORY_BYTES);
    }

    /** Of version 7, as {@link Shards#newId(int)}, but of the time of the log, and at home in the partition. */
    private UUID id(long timeMs) {
        int shard = random.nextInt(SHARDS / partitions) * partitions + partition;
        long most = timeMs << 16 | 0x7000L | random.nextInt(1 << 12);
        return new UUID(most, random.nextLong() & 0x3fffffffffff0000L | 0x8000000000000000L | shard);
    }
}
