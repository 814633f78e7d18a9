package io.millrace.proto.log;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.kafka.UnsentException;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.mac.SealCheck;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * The command log on Kafka. Nobody hears of a record before all in-sync replicas have acknowledged it. This class is
 * also the {@link ReplySink} of a dispatcher in the same process, whose answers then need not go through Kafka.
 */
public final class KafkaCommandLog implements CommandLog, ReplySink {

    private static final Duration SWEEP = Duration.ofMillis(200);
    /**
     * From so many waiting callers on, commands wait a moment and travel together. Answering so many callers takes
     * longer than that moment, and every request saved makes it shorter.
     */
    private static final int CROWD = 100;

    private static final int GATHERING_MS = 3;
    /**
     * A crowd counts as one for so long after it was last seen. Many callers are often answered at once, and ask again
     * at once.
     */
    private static final long CROWD_LASTS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final KafkaCommandLogConfig config;
    /** Sends each record at once, together with those that came while the last request was under way. */
    private final CommandTopic prompt;
    /** Waits a moment for more records to come. */
    private final CommandTopic gathering;

    private final int partitions;
    private final PendingAnswers<ReplyRecord> pending = new PendingAnswers<>(KafkaCommandLog::unanswered);
    private final PendingAnswers<Void> acknowledgements = new PendingAnswers<>(KafkaCommandLog::unacknowledged);
    private final SealCheck answerSeals;
    private final ReplyConsumer replies;
    private final ScheduledExecutorService sweeper;
    private volatile long crowdSeenNanos = System.nanoTime() - CROWD_LASTS_NANOS;
    private volatile Riders riders = Riders.NONE;

    /**
     * Connects to Kafka.
     *
     * @throws CommandLogException if Kafka is not there, or does not have the topics
     */
    public KafkaCommandLog(KafkaCommandLogConfig config) {
        this.config = config;
        ClientSettings clients = config.clients();
        this.prompt = writer(clients, 0);
        this.gathering = writer(clients, GATHERING_MS);
        this.answerSeals = new SealCheck(new RecordSeals(RecordSeals.Kind.REPLY, config.macs()), Topics.REPLIES);
        try {
            this.partitions = prompt.partitions();
            gathering.partitions(); // so that the first caller of a crowd need not wait for it
            this.replies = new ReplyConsumer(clients, config.node(), answerSeals, this::deliver);
        } catch (KafkaException e) {
            prompt.close(Duration.ZERO);
            gathering.close(Duration.ZERO);
            throw new CommandLogException(
                    "expected the topics " + Topics.COMMANDS + " and " + Topics.REPLIES + " at "
                            + config.clients().bootstrapServers()
                            + ", but they cannot be reached; `millrace topics` creates them: "
                            + e.getMessage(),
                    false,
                    e);
        }
        this.sweeper = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .name("millrace-reply-deadlines")
                .daemon(true)
                .factory());
        Recurring.start(sweeper, SWEEP, SWEEP, "could not end calls whose time is over", this::sweep);
    }

    private CommandTopic writer(ClientSettings clients, int lingerMs) {
        Map<String, Object> settings = clients.lasting();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, lingerMs);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, config.requestsInFlight());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        // As long as any caller may wait: otherwise reports would fail sooner than they have to.
        settings.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.clamp(config.reportTimeout().toMillis(), 10_000, Integer.MAX_VALUE));
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        return new CommandTopic(new TopicWriter(Topics.COMMANDS, settings), config.macs());
    }

    /** From now on, lets claims ride on the commands whose answers are awaited here. */
    public void riders(Riders these) {
        riders = these;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public String node() {
        return config.node();
    }

    @Override
    public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
        return askPartition(Shards.partition(shard, partitions), command);
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
        return askPartition(partition, command, null);
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, @Nullable Consumer<ReplyRecord> late) {
        Optional<Riders.Ride> boarded = riders.board(partition, command);
        if (boarded.isEmpty()) {
            return await(partition, command, late);
        }
        Riders.Ride ride = boarded.get();
        command.setClaims(ride.claims());
        // The riders hear of the outcome first: they have waited longer.
        return await(partition, command, late == null ? ride::late : late.andThen(ride::late))
                .whenComplete((reply, failure) -> {
                    if (failure == null) {
                        ride.answered(reply);
                    } else {
                        ride.failed(!(failure instanceof CommandLogException known) || known.mayTakeEffect());
                    }
                });
    }

    private CompletableFuture<ReplyRecord> await(
            int partition, CommandRecord.Builder command, @Nullable Consumer<ReplyRecord> late) {
        CompletableFuture<ReplyRecord> answer = new CompletableFuture<>();
        Duration patience = patience(command);
        ByteString commandId = identify(command);
        long number = pending.await(answer, patience, System.nanoTime(), late, reply -> isTo(commandId, reply));
        command.setReplyNode(config.node()).setReplySequence(number);
        append(partition, command, patience, failure -> {
            if (failure != null) {
                pending.fail(number, unwritten(failure));
            }
        });
        return answer;
    }

    private static ByteString identify(CommandRecord.Builder command) {
        if (command.getCommandId().isEmpty()) {
            command.setCommandId(Ids.toByteString(Shards.newId()));
        }
        return command.getCommandId();
    }

    /** Nodes of earlier versions do not say which command they answer. */
    private static boolean isTo(ByteString commandId, ReplyRecord reply) {
        return reply.getCommandId().isEmpty() || reply.getCommandId().equals(commandId);
    }

    /** @return why this node hears no answers of other nodes; empty while it does */
    public Optional<String> notReady() {
        return replies.standsStill();
    }

    /** @return answers that no node gave, as their seals tell, and answers without one */
    public long foreignAnswers() {
        return answerSeals.foreign();
    }

    private Duration patience(CommandRecord.Builder command) {
        boolean report = command.hasSubmitCommands() || command.hasCompleteTask() || command.hasFailTask();
        return report ? config.reportTimeout() : config.answerTimeout();
    }

    @Override
    public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        Duration patience = config.answerTimeout();
        long number = acknowledgements.await(written, patience, System.nanoTime(), null, acknowledged -> true);
        append(partition, command, patience, failure -> {
            if (failure == null) {
                acknowledgements.answer(number, null);
            } else {
                acknowledgements.fail(number, unwritten(failure));
            }
        });
        return written;
    }

    private void append(int partition, CommandRecord.Builder command, Duration patience, Consumer<Exception> done) {
        identify(command);
        if (command.getOrigin().isEmpty()) {
            command.setOrigin(config.node());
        }
        command.setTimeMs(System.currentTimeMillis()).setMaxHistoryBytes(config.maxHistoryBytes());
        CommandRecord record = command.build();
        // The two writers keep no common order, so each numbers its own. None is needed: callers that do not wait for
        // each
        // other have no order.
        CommandTopic writer = crowd() ? gathering : prompt;
        writer.write(partition, key(record).toByteArray(), record, patience, (where, failure) -> done.accept(failure));
    }

    private void sweep() {
        long nowNanos = System.nanoTime();
        pending.sweep(nowNanos);
        acknowledgements.sweep(nowNanos);
    }

    private boolean crowd() {
        long now = System.nanoTime();
        if (pending.size() >= CROWD) {
            crowdSeenNanos = now;
            return true;
        }
        return now - crowdSeenNanos < CROWD_LASTS_NANOS;
    }

    private static CommandLogException unwritten(Exception failure) {
        return failure instanceof UnsentException
                ? new CommandLogException("UNAVAILABLE: " + failure.getMessage(), false, failure)
                : new CommandLogException(
                        "UNAVAILABLE: expected Kafka to take the command, but it was not acknowledged and may or may not"
                                + " take effect: " + failure.getMessage(),
                        true,
                        failure);
    }

    static CommandLogException unanswered(Duration patience) {
        return new CommandLogException(
                "UNAVAILABLE: expected an answer of the dispatcher within " + patience.toMillis()
                        + " ms, but none came; the command may still take effect",
                true,
                null);
    }

    private static CommandLogException unacknowledged(Duration patience) {
        return new CommandLogException(
                "UNAVAILABLE: expected Kafka to take the command within " + patience.toMillis()
                        + " ms, but it was not acknowledged and may or may not take effect",
                true,
                null);
    }

    /** The key is the id of what the command is about, so that tools that group by key show one execution together. */
    private static ByteString key(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case START_WORKFLOW -> record.getStartWorkflow().getExecutionId();
            case SIGNAL_WITH_START -> record.getSignalWithStart().getStart().getExecutionId();
            case SIGNAL_WORKFLOW -> record.getSignalWorkflow().getExecutionId();
            case CANCEL_WORKFLOW -> record.getCancelWorkflow().getExecutionId();
            case REQUEST_CANCELLATION -> record.getRequestCancellation().getExecutionId();
            case TERMINATE_WORKFLOW -> record.getTerminateWorkflow().getExecutionId();
            case RESET_WORKFLOW -> record.getResetWorkflow().getExecutionId();
            case CONTINUE_CHILD -> record.getContinueChild().getExecutionId();
            case PAUSE_WORKFLOW -> record.getPauseWorkflow().getExecutionId();
            case RESUME_WORKFLOW -> record.getResumeWorkflow().getExecutionId();
            case ANNOTATE_WORKFLOW -> record.getAnnotateWorkflow().getExecutionId();
            case RETRY_TASK -> record.getRetryTask().getExecutionId();
            case SUBMIT_COMMANDS -> record.getSubmitCommands().getExecutionId();
            case RELEASE_CLAIM -> record.getReleaseClaim().getExecutionId();
            case COMPLETE_TASK -> record.getCompleteTask().getExecutionId();
            case FAIL_TASK -> record.getFailTask().getExecutionId();
            case CANCEL_TASK -> record.getCancelTask().getExecutionId();
            case SUBMIT_TASK -> record.getSubmitTask().getTaskId();
            case REPORT_REFUSED -> record.getReportRefused().getExecutionId();
            case CREATE_SCHEDULE -> record.getCreateSchedule().getScheduleId();
            case PLAN_SCHEDULE -> record.getPlanSchedule().getScheduleId();
            case SCHEDULED_RUN_ENDED -> record.getScheduledRunEnded().getScheduleId();
            case START_SCHEDULED_RUN -> record.getStartScheduledRun().getStart().getExecutionId();
            case CHECK_SCHEDULED_RUN -> record.getCheckScheduledRun().getExecutionId();
            case BEGIN_BULK_JOB -> record.getBeginBulkJob().getJobId();
            case STEER_BULK_JOB -> record.getSteerBulkJob().getJobId();
            case CLAIM_BULK_JOB -> record.getClaimBulkJob().getJobId();
            case ADVANCE_BULK_JOB -> record.getAdvanceBulkJob().getJobId();
            case SAVE_QUERY,
                    DELETE_QUERY,
                    PAUSE_WORK,
                    RESUME_WORK,
                    LIMIT_WORK,
                    FOLLOW_POLICY,
                    TELL_PLACES,
                    LEND_PLACES,
                    UPDATE_SCHEDULE,
                    PAUSE_SCHEDULE,
                    RESUME_SCHEDULE,
                    DELETE_SCHEDULE,
                    TRIGGER_SCHEDULE,
                    BACKFILL_SCHEDULE,
                    STOP_BACKFILL,
                    RESOLVE_PROMISE,
                    REJECT_PROMISE,
                    CLAIM_WORK,
                    HEARTBEAT_TASK,
                    REPORT_TASK_PROGRESS,
                    LOG_TASK_MESSAGE,
                    CHANGE_TASK_STATE,
                    CHILD_CLOSED,
                    FIRE_DUE,
                    RECORD_REFUSAL,
                    BIND_PROMISE_KEY,
                    SETTLE_PROMISE_BY_KEY,
                    WORKER_GONE,
                    WORKER_BACK,
                    FREE_PROMISE_KEY,
                    BEGIN_TENURE,
                    END_TENURE,
                    RAISE_RULES,
                    RECORD_NOTE,
                    BODY_NOT_SET -> record.getCommandId();
        };
    }

    @Override
    public void deliver(ReplyRecord reply) {
        pending.answer(reply.getReplySequence(), reply);
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
        prompt.close(Duration.ofSeconds(5));
        gathering.close(Duration.ofSeconds(5));
        replies.close();
        CommandLogException closed = new CommandLogException(
                "UNAVAILABLE: expected an answer, but this node is shutting down; the command may still take effect",
                true,
                null);
        pending.close(closed);
        acknowledgements.close(closed);
    }
}
