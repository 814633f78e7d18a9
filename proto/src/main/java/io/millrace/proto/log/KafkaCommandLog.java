package io.millrace.proto.log;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The command log on Kafka. Every record is acknowledged by all in-sync replicas before anybody hears of it. It is also the
 * {@link ReplySink} by which a dispatcher in the same process answers without going through Kafka again.
 */
public final class KafkaCommandLog implements CommandLog, ReplySink {

    private static final long SWEEP_MS = 200;
    /**
     * With so many callers waiting it takes longer to answer them all than to let their commands travel together, and every
     * request saved makes it shorter.
     */
    private static final int CROWD = 100;

    private static final int GATHERING_MS = 3;
    /** A crowd stays one for so long after it was last seen: many are often answered at once, and ask again at once. */
    private static final long CROWD_LASTS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final KafkaCommandLogConfig config;
    /** Sends what comes at once, together with what came while the last request was under way. */
    private final KafkaProducer<byte[], byte[]> prompt;
    /** Waits a moment for more to come. */
    private final KafkaProducer<byte[], byte[]> gathering;

    private final int partitions;
    private final PendingReplies pending;
    private final ReplyConsumer replies;
    private final ScheduledExecutorService sweeper;
    private volatile long crowdSeenNanos = System.nanoTime() - CROWD_LASTS_NANOS;
    private volatile Riders riders = Riders.NONE;

    /**
     * Connects.
     *
     * @throws CommandLogException if Kafka is not there, or has no such topics
     */
    public KafkaCommandLog(KafkaCommandLogConfig config) {
        this.config = config;
        this.pending = new PendingReplies();
        Map<String, Object> clients = new HashMap<>(config.kafkaProps());
        clients.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        this.prompt = producer(clients, 0);
        this.gathering = producer(clients, GATHERING_MS);
        try {
            this.partitions = prompt.partitionsFor(Topics.COMMANDS).size();
            gathering.partitionsFor(Topics.COMMANDS); // so that the first caller of a crowd need not wait for it
            this.replies = new ReplyConsumer(clients, config.node(), this::deliver);
        } catch (KafkaException e) {
            prompt.close(Duration.ZERO);
            gathering.close(Duration.ZERO);
            throw new CommandLogException(
                    "expected the topics " + Topics.COMMANDS + " and " + Topics.REPLIES + " at "
                            + config.bootstrapServers() + ", but they cannot be reached; `millrace topics` creates them: "
                            + e.getMessage(),
                    false,
                    e);
        }
        this.sweeper = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("millrace-reply-deadlines").daemon(true).factory());
        sweeper.scheduleWithFixedDelay(
                () -> pending.sweep(System.nanoTime()), SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> clients, int lingerMs) {
        Map<String, Object> settings = new HashMap<>(clients);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, lingerMs);
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, config.requestsInFlight());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        // For as long as anybody may wait, or reports would fail sooner than they have to.
        settings.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.clamp(config.reportTimeout().toMillis(), 10_000, Integer.MAX_VALUE));
        // Callers are event loops. What the producer knows of the topic it keeps, however long it has nothing to send;
        // and a full buffer is an error for the one call, not a stop for all.
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TimeUnit.DAYS.toMillis(1));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 * 1024 * 1024);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Lets claims ride on the commands whose answers are awaited here, from now on. */
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
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
        Optional<Riders.Ride> boarded = riders.board(partition, command);
        if (boarded.isEmpty()) {
            return await(partition, command, late);
        }
        Riders.Ride ride = boarded.get();
        command.setClaims(ride.claims());
        // Those who ride hear of the outcome first: they have waited longer.
        return await(partition, command, late == null ? ride::late : late.andThen(ride::late))
                .whenComplete((reply, failure) -> {
                    if (failure == null) {
                        ride.answered(reply);
                    } else {
                        ride.failed();
                    }
                });
    }

    private CompletableFuture<ReplyRecord> await(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
        CompletableFuture<ReplyRecord> answer = new CompletableFuture<>();
        long number = pending.await(answer, patience(command), System.nanoTime(), late);
        command.setReplyNode(config.node()).setReplySequence(number);
        append(partition, command, failure -> {
            if (failure != null) {
                pending.fail(number, unwritten(failure));
            }
        });
        return answer;
    }

    private Duration patience(CommandRecord.Builder command) {
        boolean report = command.hasSubmitCommands() || command.hasCompleteTask() || command.hasFailTask();
        return report ? config.reportTimeout() : config.answerTimeout();
    }

    @Override
    public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        append(partition, command, failure -> {
            if (failure == null) {
                written.complete(null);
            } else {
                written.completeExceptionally(unwritten(failure));
            }
        });
        return written;
    }

    private void append(int partition, CommandRecord.Builder command, Consumer<Exception> done) {
        if (command.getCommandId().isEmpty()) {
            command.setCommandId(Ids.toByteString(Shards.newId()));
        }
        if (command.getOrigin().isEmpty()) {
            command.setOrigin(config.node());
        }
        command.setTimeMs(System.currentTimeMillis()).setMaxHistoryBytes(config.maxHistoryBytes());
        CommandRecord record = command.build();
        // Callers that do not wait for one another have no order, so it does not matter that the two are not in step.
        KafkaProducer<byte[], byte[]> producer = crowd() ? gathering : prompt;
        try {
            producer.send(
                    new ProducerRecord<>(Topics.COMMANDS, partition, key(record).toByteArray(), record.toByteArray()),
                    (metadata, failure) -> done.accept(failure));
        } catch (KafkaException | IllegalStateException e) {
            done.accept(e);
        }
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
        return new CommandLogException(
                "UNAVAILABLE: expected Kafka to take the command, but it was not acknowledged and may or may not take"
                        + " effect: " + failure.getMessage(),
                true,
                failure);
    }

    /** The key is the id of what the command is about, so that tools which group by key show one execution together. */
    private static ByteString key(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case START_WORKFLOW -> record.getStartWorkflow().getExecutionId();
            case SIGNAL_WITH_START -> record.getSignalWithStart().getStart().getExecutionId();
            case SIGNAL_WORKFLOW -> record.getSignalWorkflow().getExecutionId();
            case CANCEL_WORKFLOW -> record.getCancelWorkflow().getExecutionId();
            case SUBMIT_COMMANDS -> record.getSubmitCommands().getExecutionId();
            case RELEASE_CLAIM -> record.getReleaseClaim().getExecutionId();
            case COMPLETE_TASK -> record.getCompleteTask().getExecutionId();
            case FAIL_TASK -> record.getFailTask().getExecutionId();
            case CANCEL_TASK -> record.getCancelTask().getExecutionId();
            case SUBMIT_TASK -> record.getSubmitTask().getTaskId();
            case REPORT_REFUSED -> record.getReportRefused().getExecutionId();
            case RESOLVE_PROMISE, REJECT_PROMISE, CLAIM_WORK, HEARTBEAT_TASK, REPORT_TASK_PROGRESS, LOG_TASK_MESSAGE,
                    CHANGE_TASK_STATE, CHILD_CLOSED, FIRE_DUE, RECORD_REFUSAL, BIND_PROMISE_KEY,
                    SETTLE_PROMISE_BY_KEY, WORKER_GONE, FREE_PROMISE_KEY, BEGIN_TENURE, END_TENURE, RAISE_RULES,
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
        pending.close(new CommandLogException(
                "UNAVAILABLE: expected an answer, but this node is shutting down; the command may still take effect",
                true,
                null));
    }
}
