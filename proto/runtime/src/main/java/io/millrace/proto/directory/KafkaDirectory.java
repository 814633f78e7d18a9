package io.millrace.proto.directory;

import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.ReadLoop;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.mac.SealCheck;
import io.millrace.proto.time.SteadyClock;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.NotedState;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongBinaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory on Kafka. One thread reads the topic from its beginning and keeps the entries in memory. Now and then
 * the same thread removes what is no longer needed. It begins with that only when this node has run for a while, so
 * that living workers have been heard of again.
 */
public final class KafkaDirectory implements Directory {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaDirectory.class);

    private static final long MAX_SWEEP_PAUSE_MS = 3_600_000;
    private static final int SWEEPS_PER_FORGETTING = 8;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REST = Duration.ofMillis(200);

    /** Only people ask which queues are polled. */
    private static final int POLLED_INTERVALS = 3;

    private static final byte[] NOTHING = {};

    /** Never has a value. It says nothing, but is heard. */
    private static final String ECHO = "echo";

    private final DirectoryEntries entries;
    private final KafkaDirectoryConfig config;
    private final RecordSeals sealing;
    private final SealCheck seals;
    private final TopicWriter writer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AwaitedOffsets awaited = new AwaitedOffsets();
    private final Announcement announcement = new Announcement(this::write);
    private final ReadLoop loop;
    private final long sweepPauseMs;
    /** When entries are looked through next. Only the loop's thread uses it. */
    private long sweepMs;

    private final SteadyClock clock = new SteadyClock();
    private final Echo echo = new Echo(() -> write(ECHO, null), clock);

    /** Reads what there is, then follows the topic. Returns once it has caught up. */
    public KafkaDirectory(KafkaDirectoryConfig config) {
        this.config = config;
        sealing = new RecordSeals(RecordSeals.Kind.DIRECTORY, config.macs());
        seals = new SealCheck(sealing, Topics.DIRECTORY);
        entries = new DirectoryEntries(config.silenceMs(), config.limits());
        ClientSettings clients = config.clients();
        consumer = new KafkaConsumer<>(
                clients.reading("earliest"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.DIRECTORY).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            // Only the writers know how old these records are. No record counts as later than now.
            read(Duration.ofMillis(200), Math::min);
        }
        writer = new TopicWriter(Topics.DIRECTORY, clients.lasting());
        writer.partitions(); // so that the first record need not wait for it
        sweepPauseMs = Math.min(MAX_SWEEP_PAUSE_MS, config.forgetMs() / SWEEPS_PER_FORGETTING);
        sweepMs = clock.millis() + sweepPauseMs;
        loop = new ReadLoop(
                "millrace-directory",
                consumer,
                REST,
                REST,
                this::follow,
                ReadLoop.Listener.logging("the directory cannot be read, and grows stale"));
        loop.start();
    }

    private void follow() {
        read(POLL, (toldMs, nowMs) -> nowMs);
        announcement.sayAgainIfFailed();
        long nowMs = clock.millis();
        if (nowMs >= sweepMs) {
            sweepMs = nowMs + sweepPauseMs;
            forget(nowMs);
        }
    }

    /** @param heardMs gives the time at which this node heard of it, from the record's time and this node's clock */
    private void read(Duration atMost, LongBinaryOperator heardMs) {
        ReadLoop.each(consumer, consumer.poll(atMost), record -> {
            DirectoryRecord entry = record.value() == null ? null : DirectoryRecord.parseFrom(record.value());
            if (!isBelieved(record, entry)) {
                return;
            }
            if (entry == null) {
                entries.remove(new String(record.key(), StandardCharsets.UTF_8));
            } else {
                entries.accept(entry, toldMs -> heardMs.applyAsLong(toldMs, clock.millis()));
            }
        });
        consumer.assignment()
                .forEach(partition -> awaited.reached(partition.partition(), consumer.position(partition)));
    }

    /** Reads go to where dispatchers say that they are. So what they say is believed only where a node said it, as its seal tells. */
    private boolean isBelieved(ConsumerRecord<byte[], byte[]> record, @Nullable DirectoryRecord entry) {
        boolean ofDispatcher = entry == null ? isOfDispatcher(record.key()) : entry.hasDispatcher();
        return !ofDispatcher
                || seals.believes(
                        record.key() == null ? NOTHING : record.key(),
                        record.value() == null ? NOTHING : record.value(),
                        SealHeader.in(record.headers()));
    }

    private static boolean isOfDispatcher(byte @Nullable [] key) {
        return key != null && new String(key, StandardCharsets.UTF_8).startsWith(DirectoryEntries.OF_DISPATCHER);
    }

    /** @return why this node hears nothing new of workers, keys and dispatchers; empty while it does */
    public Optional<String> notReady() {
        return loop.standsStill();
    }

    /** @return what somebody else than a node said in the name of a dispatcher, so far: number of records */
    public long foreignEntries() {
        return seals.foreign();
    }

    private void forget(long nowMs) {
        List<String> keys = entries.forgotten(nowMs, config.forgetMs());
        keys.forEach(key -> write(key, null));
        if (!keys.isEmpty()) {
            LOG.info("directory entries removed count={}", keys.size());
        }
    }

    @Override
    public CompletableFuture<Void> register(WorkerRegistration registration) {
        try {
            entries.makeRoom(Ids.fromBytes(registration.getOrgId()), registration.getSerializedSize(), clock.millis())
                    .forEach(key -> write(key, null));
        } catch (DirectoryFullException e) {
            return CompletableFuture.failedFuture(e);
        }
        return write(DirectoryRecord.newBuilder().setWorker(registration).build());
    }

    @Override
    public CompletableFuture<Void> announce(DispatcherNode dispatcher) {
        return announcement.say(
                DirectoryRecord.newBuilder().setDispatcher(dispatcher).build());
    }

    private CompletableFuture<Void> write(DirectoryRecord record) {
        return write(DirectoryEntries.key(record), record.toByteArray());
    }

    /**
     * Completes once the record is on Kafka and this node's look-ups know it. Without a value, what the key said is
     * forgotten.
     */
    private CompletableFuture<Void> write(String key, byte @Nullable [] value) {
        CompletableFuture<Void> visible = new CompletableFuture<>();
        Duration patience = config.patience();
        byte[] place = key.getBytes(StandardCharsets.UTF_8);
        byte[] seal = isOfDispatcher(place) ? sealing.seal(place, value == null ? NOTHING : value) : null;
        writer.write(null, place, value, SealHeader.of(seal), patience, (where, failure) -> {
            if (failure == null) {
                awaited.await(where.partition(), where.offset(), visible);
            } else {
                visible.completeExceptionally(failure);
            }
        });
        return visible.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected an entry of the directory to be on Kafka within " + patience.toMillis()
                                + " ms, but it was not acknowledged and read again",
                        failure)));
    }

    @Override
    public void seen(UUID orgId, String workerId) {
        entries.noteSeen(orgId, workerId, clock.millis(), config.seenIntervalMs())
                .map(KafkaDirectory::byTheTimeOfDay)
                .ifPresent(seen -> write(seen).exceptionally(failure -> {
                    entries.noteUntold(orgId, workerId); // the next sign of life is told again
                    return null;
                }));
    }

    @Override
    public void polled(UUID orgId, String queue, WorkType type) {
        entries.notePolled(orgId, queue, type, clock.millis(), POLLED_INTERVALS * config.seenIntervalMs())
                .ifPresent(record -> {
                    DirectoryRecord.Builder told = record.toBuilder();
                    told.getQueuePolledBuilder().setPolledAtMs(System.currentTimeMillis());
                    write(told.build()).exceptionally(failure -> {
                        entries.notePolledUntold(orgId, queue, type); // the next poll is told again
                        return null;
                    });
                });
    }

    @Override
    public Optional<Collection<PolledQueue>> polledQueues(UUID orgId) {
        return entries.polledQueues(orgId);
    }

    /** Nodes that read it later know no other clock of this node. */
    private static DirectoryRecord byTheTimeOfDay(DirectoryRecord seen) {
        DirectoryRecord.Builder told = seen.toBuilder();
        told.getWorkerSeenBuilder().setSeenAtMs(System.currentTimeMillis());
        return told.build();
    }

    @Override
    public void noteAlias(UUID orgId, String workerId, Principal caller, List<WorkerRegistration> registrations) {
        if (entries.hasRoomForAlias(orgId, workerId, caller)) {
            write(DirectoryEntries.alias(orgId, workerId, caller, registrations));
        }
    }

    @Override
    public void beat(UUID orgId, String workerId) {
        entries.noteBeat(orgId, workerId);
        seen(orgId, workerId);
    }

    @Override
    public boolean beats(UUID orgId, String workerId) {
        return entries.beats(orgId, workerId);
    }

    @Override
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        return entries.worker(orgId, workerId, clock.millis());
    }

    @Override
    public List<WorkerRegistration> named(UUID orgId, String name) {
        return entries.named(orgId, name, clock.millis());
    }

    @Override
    public List<WorkerRegistration> allNamed(UUID orgId, String name) {
        return entries.allNamed(orgId, name);
    }

    @Override
    public List<WorkerRegistration> alias(UUID orgId, String workerId, Principal caller) {
        return entries.alias(orgId, workerId, caller);
    }

    @Override
    public boolean isAlias(UUID orgId, String workerId) {
        return entries.isAlias(orgId, workerId);
    }

    @Override
    public List<WorkerRegistration> workers(UUID orgId) {
        return entries.workers(orgId);
    }

    @Override
    public long nowMs() {
        return clock.millis();
    }

    @Override
    public long lastSeenMs(UUID orgId, String workerId) {
        return entries.lastSeenMs(orgId, workerId);
    }

    @Override
    public long heardForMs(long sinceMs) {
        return echo.heardForMs(sinceMs);
    }

    @Override
    public long elsewhereUntilMs(UUID orgId, String workerId) {
        long elsewhereMs = entries.elsewhereMs(orgId, workerId);
        return elsewhereMs == 0 ? 0 : elsewhereMs + config.seenIntervalMs() * 3 / 2;
    }

    @Override
    public Optional<Map<String, String>> noted(String subject) {
        return entries.noted(subject);
    }

    @Override
    public CompletableFuture<Void> keepNoted(String subject, Map<String, String> noted) {
        return write(DirectoryRecord.newBuilder()
                .setNotedState(NotedState.newBuilder().setSubject(subject).putAllEntries(noted))
                .build());
    }

    @Override
    public CompletableFuture<Void> keepKey(SealedKey key) {
        return write(DirectoryRecord.newBuilder().setApiKey(key).build());
    }

    @Override
    public void followKeys(Consumer<SealedKey> listener) {
        entries.followKeys(listener);
    }

    @Override
    public Tenures tenures(String node, String host, int port, int knownRules) {
        DispatcherNode self = DispatcherNode.newBuilder()
                .setNode(node)
                .setHost(host)
                .setPort(port)
                .setKnownRules(knownRules)
                .build();
        return new Tenures(self, entries.holders().dispatcher(node), this::announce);
    }

    @Override
    public Optional<PartitionHolder> holderOf(int partition) {
        return entries.holders().of(partition);
    }

    @Override
    public Collection<DispatcherNode> dispatchers() {
        return entries.holders().dispatchers();
    }

    @Override
    public void close() {
        loop.close();
        writer.close();
        awaited.fail(new UnavailableException("expected to see the directory entry, but this node is shutting down"));
    }
}
