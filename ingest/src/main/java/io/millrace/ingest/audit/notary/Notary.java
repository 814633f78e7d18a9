package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.kafka.ReadLoop;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the transparency logs, for as long as it runs. Several may run, and share the partitions. Where each log stands
 * is in PostgreSQL, and moves only from where its notary believes it to be. Trouble with Kafka or PostgreSQL is logged
 * and tried again; trouble with a log itself stops its signing. One thread, started by {@link #start}; {@link #close}
 * may be called from any.
 */
public final class Notary implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notary.class);
    private static final String GROUP = "millrace-notary";
    private static final long LOOK_NANOS = 200_000_000L;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration FIRST_REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final NotaryConfig config;
    private final LogStore store;
    private final Clock clock;
    private final KafkaConsumer<byte[], byte[]> outcomes;
    private final RecordsAgain commands;
    private final CheckpointTopic topic;
    private final WitnessRound witnesses;
    private final Patrol patrol;
    private final ReadLoop loop;

    /** The fields below belong to the loop's thread. */
    private final LeafMaker leaves;

    private final Map<Integer, PartitionLog> logs = new TreeMap<>();
    private boolean takeOver;
    private long lookedNanos;

    /**
     * Prepares it; {@link #start} lets it run.
     *
     * @param database of the logs; stays the caller's to close
     * @param membership settings of the Kafka consumer as a member of the group of notaries, such as group.instance.id
     */
    public Notary(NotaryConfig config, NotaryDatabase database, Map<String, Object> membership, Clock clock) {
        this.config = config;
        this.clock = clock;
        store = new LogStore(database.ofNotary());
        Map<String, Object> settings = new HashMap<>(membership);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        outcomes = CommittedReader.open(config.database().kafka(), settings);
        commands = new RecordsAgain(CommittedReader.open(config.database().kafka(), Map.of()));
        topic = new CheckpointTopic(config.database());
        leaves = new LeafMaker(commands, clock);
        witnesses = new WitnessRound(config, store, topic);
        patrol = new Patrol(config, store);
        loop = new ReadLoop("millrace-notary", outcomes, FIRST_REST, LONGEST_REST, this::step, new ReadLoop.Listener() {
            private final ReadLoop.Listener log =
                    ReadLoop.Listener.logging("the transparency logs cannot be kept, will try again");

            @Override
            public void failed(Throwable cause) {
                log.failed(cause);
                takeOver = true;
            }

            @Override
            public void done() {
                log.done();
            }

            @Override
            public void ended() {
                commands.close();
                topic.close();
            }
        });
    }

    /** Lets it run. */
    public void start() {
        outcomes.subscribe(List.of(Topics.EVENTS), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                takeOver = true;
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                try {
                    takeOver();
                } catch (MissingTileException missing) {
                    makeAgain(missing);
                } catch (SQLException e) {
                    throw new KafkaException(e); // comes out of poll
                }
            }
        });
        loop.start();
        patrol.start();
    }

    /** Begins anew with all logs that are its own now. */
    private void takeOver() throws SQLException {
        logs.clear();
        List<Integer> own = outcomes.assignment().stream()
                .map(TopicPartition::partition)
                .sorted()
                .toList();
        commands.assign(own.stream()
                .map(partition -> new TopicPartition(Topics.COMMANDS, partition))
                .toList());
        topic.assign(own);
        witnesses.forget();
        for (int partition : own) {
            PartitionLog log = new PartitionLog(partition, config, store, topic, clock);
            logs.put(partition, log);
            outcomes.seek(place(partition), log.nextOutcome());
            log.published().ifPresent(note -> witnesses.ask(partition, note));
        }
        patrol.have(own);
        takeOver = false;
    }

    private static TopicPartition place(int partition) {
        return new TopicPartition(Topics.EVENTS, partition);
    }

    private void step() throws SQLException {
        try {
            goOn();
        } catch (MissingTileException missing) {
            makeAgain(missing);
        }
    }

    /** The records on Kafka are what the tree is of: it comes to the same root, or to a fault. */
    private void makeAgain(MissingTileException missing) {
        LOG.warn(
                "the transparency log of partition {} is made again from Kafka: {}",
                missing.partition(),
                missing.getMessage());
        takeOver = true;
        try {
            store.makeAgain(missing.partition());
        } catch (SQLException e) {
            throw new NotaryException(
                    "expected to let the log of partition " + missing.partition() + " be made again, but could not", e);
        }
    }

    private void goOn() throws SQLException {
        if (takeOver) {
            takeOver();
        }
        ConsumerRecords<byte[], byte[]> polled;
        try {
            polled = outcomes.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            lost(e.offsetOutOfRangePartitions());
            return;
        }
        if (takeOver) {
            return; // what was read is read again from where the logs stand
        }
        for (TopicPartition place : polled.partitions()) {
            if (!grow(log(place), place.partition(), polled.records(place))) {
                takeOver = true;
                return;
            }
        }
        if (System.nanoTime() - lookedNanos > LOOK_NANOS) {
            lookedNanos = System.nanoTime();
            look();
        }
    }

    /** Holds all logs against what was published, and signs those whose time has come. */
    private void look() throws SQLException {
        Map<Integer, LogNote> notes = new HashMap<>();
        store.notes().forEach(note -> notes.put(note.partition(), note));
        for (Map.Entry<Integer, PartitionLog> entry : logs.entrySet()) {
            int partition = entry.getKey();
            PartitionLog log = entry.getValue();
            LogNote noted = notes.get(partition);
            if (noted == null) {
                takeOver = true; // Somebody has dropped all logs, so that they are made anew.
                return;
            }
            noted.fault().ifPresent(log::found);
            long position = outcomes.position(place(partition));
            if (!log.grow(List.of(), position)) {
                takeOver = true;
                return;
            }
            // Asked after a checkpoint was read that is larger than the tree: what it covers was there before it.
            log.tend(() -> position >= PartitionOffsets.end(outcomes, place(partition)), noted.wantedSize())
                    .ifPresent(note -> witnesses.ask(partition, note));
            if (log.fault().isEmpty()) {
                witnesses.askAgain(partition);
            }
        }
    }

    /** @return false if somebody else has let the log grow */
    private boolean grow(PartitionLog log, int partition, List<ConsumerRecord<byte[], byte[]>> records)
            throws SQLException {
        List<byte[]> entries = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Optional<OutcomeLeaf> leaf = leaves.leaf(partition, LoggedRecord.of(record));
            if (leaf.isEmpty()) {
                outcomes.seek(place(partition), record.offset());
                return log.grow(entries, record.offset());
            }
            entries.add(leaf.get().encode());
        }
        return log.grow(entries, records.getLast().offset() + 1);
    }

    private PartitionLog log(TopicPartition place) {
        return Objects.requireNonNull(logs.get(place.partition()), "log of a partition that is this notary's");
    }

    private void lost(Map<TopicPartition, Long> places) throws SQLException {
        Map<TopicPartition, Long> beginnings = outcomes.beginningOffsets(places.keySet());
        Map<TopicPartition, Long> ends = outcomes.endOffsets(places.keySet());
        for (Map.Entry<TopicPartition, Long> wanted : places.entrySet()) {
            TopicPartition place = wanted.getKey();
            PartitionLog log = log(place);
            if (log.fault().isEmpty()) {
                log.fail("expected partition " + place.partition() + " of " + Topics.EVENTS + " to hold offset "
                        + wanted.getValue()
                        + ", where its transparency log goes on, but it holds " + beginnings.get(place) + " to "
                        + (PartitionOffsets.of(place, ends) - 1));
            }
        }
        outcomes.pause(places.keySet());
        outcomes.seekToEnd(places.keySet());
    }

    /** Ends it after the transaction that is under way. */
    @Override
    public void close() {
        patrol.close();
        loop.close(STOP_LIMIT);
        witnesses.close();
    }
}
