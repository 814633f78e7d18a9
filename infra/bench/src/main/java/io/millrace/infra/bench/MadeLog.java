package io.millrace.infra.bench;

import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.replay.PartitionReplay;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A log that no server wrote, and that looks as if one had: the engine decides the commands in this process, and they and their outcomes go
 * straight to the topics. So it is made faster than any server could be asked. Its clock runs by itself: a hundred commands a second,
 * the last one just now.
 *
 * @param partitions how many it has
 * @param commands how many, those of the clock and of the owners among them
 * @param events what came of them
 * @param underWay workflows of the usual queue that are open at its end
 * @param longOne a workflow with many signals near its end
 * @param longEvents how many events that has
 * @param inTheMiddle a workflow from its middle
 */
record MadeLog(
        int partitions,
        long commands,
        long events,
        long underWay,
        UUID longOne,
        long longEvents,
        WorkOfPartition.Seen inTheMiddle) {

    /** With fewer commands a partition has no workflow with many signals, and none in the middle. */
    static final int LEAST_OF_PARTITION = 1_000;

    private static final int PER_SECOND = 100;
    /** Outcomes of so many commands become visible at once. */
    private static final int COMMIT_EVERY = 10_000;

    private static final long MEMORY_PART = 4;
    private static final long TOPIC_PATIENCE_S = 120;

    /** The topics have the times that writers say, until a server that starts on them sets them otherwise. */
    private static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, Optional.of(partitions), Optional.of((short) 1))
                .configs(Map.of(
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime",
                        TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
                        TopicConfig.RETENTION_MS_CONFIG, "-1",
                        TopicConfig.RETENTION_BYTES_CONFIG, "-1",
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(Topics.MAX_MESSAGE_BYTES)));
    }

    /**
     * Makes one in a Kafka that has no topics yet.
     *
     * @param macs put MACs on the commands
     * @param commands at least so many
     */
    static MadeLog in(EmbeddedKafka kafka, CommandMacs macs, int partitions, int commands) throws Exception {
        KafkaAccess access = kafka.access();
        try (Admin admin = Admin.create(access.client(Map.of()))) {
            admin.createTopics(List.of(topic(Topics.COMMANDS, partitions), topic(Topics.EVENTS, partitions)))
                    .all()
                    .get(TOPIC_PATIENCE_S, TimeUnit.SECONDS);
        }
        int each = Math.max(LEAST_OF_PARTITION, Math.ceilDiv(commands, partitions));
        long beginMs = System.currentTimeMillis() - 1_000L * partitions * each / PER_SECOND;
        int atOnce = Math.min(partitions, Runtime.getRuntime().availableProcessors());
        List<Future<Part>> parts = new ArrayList<>();
        try (ExecutorService workers = Executors.newFixedThreadPool(atOnce)) {
            for (int partition = 0; partition < partitions; partition++) {
                WorkOfPartition work = new WorkOfPartition(partition, partitions, each, partition == partitions - 1);
                Home home = new Home(partition, partitions);
                parts.add(workers.submit(() -> {
                    try (PartitionWriter writer = new PartitionWriter(access, macs, home, atOnce)) {
                        return writer.write(work, beginMs);
                    }
                }));
            }
        }
        return sum(partitions, parts);
    }

    private static MadeLog sum(int partitions, List<Future<Part>> parts)
            throws InterruptedException, ExecutionException {
        long commands = 0;
        long events = 0;
        long underWay = 0;
        for (Future<Part> part : parts) {
            commands += part.get().commands;
            events += part.get().events;
            underWay += part.get().work.underWay();
        }
        Part last = parts.getLast().get();
        return new MadeLog(
                partitions,
                commands,
                events,
                underWay,
                last.work.longOne().orElseThrow(),
                last.ofLongOne,
                last.work.inTheMiddle().orElseThrow());
    }

    private record Part(WorkOfPartition work, long commands, long events, long ofLongOne) {}

    /** Decides and writes one partition. One thread. */
    private static final class PartitionWriter implements AutoCloseable {

        private final CommandMacs macs;
        private final int partition;
        private final int partitions;
        /** Stands in each command, with a number. */
        private final UUID writer = Shards.newId();

        private final PartitionReplay engine;
        private final KafkaProducer<byte[], byte[]> commands;
        private final KafkaProducer<byte[], byte[]> outcomes;
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        private long offset;
        private long events;

        private PartitionWriter(KafkaAccess access, CommandMacs macs, Home home, int atOnce) {
            this.macs = macs;
            this.partition = home.partition();
            this.partitions = home.partitions();
            engine = new PartitionReplay(home, Runtime.getRuntime().maxMemory() / MEMORY_PART / atOnce);
            Map<String, Object> settings = new ClientSettings(access.bootstrapServers(), access.properties()).lasting();
            settings.put(ProducerConfig.LINGER_MS_CONFIG, 50);
            settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
            settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
            commands = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
            // With more of them, the first ones of a transaction may reach the broker in another order, which refuses
            // them then.
            settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
            settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "made-" + partition);
            outcomes = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        }

        private Part write(WorkOfPartition work, long beginMs) throws Exception {
            outcomes.initTransactions();
            outcomes.beginTransaction();
            long timeMs = beginMs;
            write(work.begin(timeMs), timeMs);
            long stepMs = 1_000L * partitions / PER_SECOND;
            while (work.more()) {
                timeMs += stepMs;
                for (Due due = first(); due != null && due.atMs() <= timeMs; due = first()) {
                    write(work.fireDue(timeMs), timeMs);
                }
                write(work.next(timeMs), timeMs);
            }
            commit();
            return new Part(
                    work, offset, events, work.longOne().map(this::eventsOf).orElse(0L));
        }

        private @Nullable Due first() {
            return engine.state().dues().first();
        }

        private long eventsOf(UUID execution) {
            return engine.state().present(execution).chainSequence();
        }

        private void write(CommandRecord command, long timeMs) throws Exception {
            byte[] record = macs.seal(partition, command.toByteArray(), writer, offset + 1);
            Executed executed = engine.carryOut(new LoggedCommand(offset, timeMs, record), MacVerdict.MAC_VALID);
            if (executed.outcome().refusal() != null) {
                throw new IllegalStateException("expected the engine to take the command at offset " + offset
                        + ", but: " + executed.outcome().refusal());
            }
            OutcomeRecord outcome = executed.record();
            byte[] key = command.getCommandId().toByteArray();
            send(commands, Topics.COMMANDS, timeMs, key, record, offset);
            send(outcomes, Topics.EVENTS, timeMs, key, outcome.toByteArray(), -1);
            events += outcome.getEventsCount();
            offset++;
            if (offset % COMMIT_EVERY == 0) {
                commit();
                outcomes.beginTransaction();
            }
        }

        /** @param expected where it must stand, -1: anywhere */
        private void send(
                KafkaProducer<byte[], byte[]> producer,
                String topic,
                long timeMs,
                byte[] key,
                byte[] value,
                long expected) {
            Callback done = (where, problem) -> {
                if (problem != null) {
                    failure.compareAndSet(null, problem);
                } else if (expected >= 0 && where.offset() != expected) {
                    failure.compareAndSet(
                            null,
                            new IllegalStateException(
                                    "expected a command at offset " + expected + ", but it is at " + where.offset()));
                }
            };
            producer.send(new ProducerRecord<>(topic, partition, timeMs, key, value), done);
        }

        private void commit() throws Exception {
            commands.flush();
            outcomes.commitTransaction();
            Exception failed = failure.get();
            if (failed != null) {
                throw failed;
            }
        }

        @Override
        public void close() {
            commands.close();
            outcomes.close();
            engine.close();
        }
    }
}
