package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.kafka.ReadLoop;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the transparency logs, for as long as it runs. Several may run, and share the partitions. Where each log stands
 * is in PostgreSQL, and moves only from where its notary believes it to be. Trouble with Kafka or PostgreSQL is logged
 * and tried again, that of one partition without holding up the others; trouble with a log itself stops its signing. One thread, started by {@link #start}; {@link #close}
 * may be called from any.
 */
public final class Notary implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notary.class);
    private static final String GROUP = "millrace-notary";
    private static final long LOOK_NANOS = 200_000_000L;
    /** It may make a log anew in one turn. */
    private static final Duration LONGEST_TURN = Duration.ofMinutes(1);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration FIRST_REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
    private static final int LIMIT_MS = (int) CheckpointTopic.LIMIT.toMillis();

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

    /** The partitions that it has, and those whose log it has taken over. */
    private final Set<Integer> own = new TreeSet<>();

    private final Map<Integer, PartitionLog> logs = new TreeMap<>();
    private final Map<Integer, Trouble> troubles = new HashMap<>();
    private boolean anew;
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
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MS);
        outcomes = CommittedReader.open(config.database().kafka(), settings);
        commands = new RecordsAgain(CommittedReader.openForTurns(
                config.database().kafka(), Map.of(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MS)));
        topic = new CheckpointTopic(config.database());
        leaves = new LeafMaker(commands);
        witnesses = new WitnessRound(config, store, topic);
        patrol = new Patrol(config, store);
        loop = new ReadLoop("millrace-notary", outcomes, FIRST_REST, LONGEST_REST, this::step, new ReadLoop.Listener() {
            private final ReadLoop.Listener log =
                    ReadLoop.Listener.logging("the transparency logs cannot be kept, will try again");

            @Override
            public void failed(Throwable cause) {
                log.failed(cause);
                anew = true;
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
                anew = true;
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                begin();
            }
        });
        loop.start();
        patrol.start();
    }

    /** Begins anew with all partitions that are its own now. Each is read once its log was taken over. */
    private void begin() {
        anew = false;
        logs.clear();
        own.clear();
        Set<TopicPartition> assigned = outcomes.assignment();
        assigned.stream().map(TopicPartition::partition).forEach(own::add);
        troubles.keySet().retainAll(own);
        commands.assign(own.stream()
                .map(partition -> new TopicPartition(Topics.COMMANDS, partition))
                .toList());
        topic.assign(own);
        witnesses.forget();
        patrol.have(own);
        assigned.forEach(place -> outcomes.seek(place, 0)); // They have to be somewhere, though they are paused.
        outcomes.pause(assigned);
    }

    private void takeOver(int partition) throws SQLException {
        PartitionLog log = new PartitionLog(partition, config, store, topic, clock);
        logs.put(partition, log);
        outcomes.seek(place(partition), log.nextOutcome());
        outcomes.resume(List.of(place(partition)));
        log.published().ifPresent(note -> witnesses.ask(partition, note));
    }

    /** Work with one partition. */
    private interface Work {
        void with(int partition) throws SQLException;
    }

    /**
     * Does the work for all partitions that are well, and then for one of those in trouble: each may take long to fail. At the first that
     * fails it ends, so that Kafka is polled before the others.
     */
    private void each(Collection<Integer> partitions, Work work) throws SQLException {
        List<Integer> well = new ArrayList<>();
        List<Integer> troubled = new ArrayList<>();
        for (int partition : partitions) {
            Trouble trouble = trouble(partition);
            if (!trouble.rests()) {
                (trouble.stands() ? troubled : well).add(partition);
            }
        }
        Collections.shuffle(troubled);
        well.addAll(troubled.subList(0, Math.min(1, troubled.size())));
        for (int partition : well) {
            if (anew || !done(partition, work)) {
                return;
            }
        }
    }

    private Trouble trouble(int partition) {
        return troubles.computeIfAbsent(
                partition,
                unknown -> new Trouble("the transparency log of partition " + unknown
                        + " cannot be kept, will try again; the others go on"));
    }

    /**
     * @return false if it failed, and the log has to be taken over again
     * @throws SQLException if it was the database that failed, as it would for the others
     */
    private boolean done(int partition, Work work) throws SQLException {
        Trouble trouble = trouble(partition);
        try {
            work.with(partition);
            trouble.well();
            return true;
        } catch (MissingTileException missing) {
            setAside(partition);
            makeAgain(missing);
        } catch (WakeupException | InterruptException closing) {
            throw closing;
        } catch (SQLException | RuntimeException e) {
            if (Trouble.ofAll(e)) {
                throw e;
            }
            setAside(partition);
            trouble.failed(e);
        }
        return false;
    }

    /** Lets the log rest until it is taken over again, from where it stands then. */
    private void setAside(int partition) {
        logs.remove(partition);
        witnesses.forget(partition);
        patrol.watch(partition, Optional.empty());
        outcomes.pause(List.of(place(partition)));
    }

    private static TopicPartition place(int partition) {
        return new TopicPartition(Topics.EVENTS, partition);
    }

    /** The records on Kafka are what the tree is of: it comes to the same root, or to a fault. */
    private void makeAgain(MissingTileException missing) {
        LOG.warn(
                "the transparency log of partition {} is made again from Kafka: {}",
                missing.partition(),
                missing.getMessage());
        try {
            store.makeAgain(missing.partition());
        } catch (SQLException e) {
            throw new NotaryException(
                    "expected to let the log of partition " + missing.partition() + " be made again, but could not", e);
        }
    }

    private void step() throws SQLException {
        if (anew) {
            begin();
        }
        Set<Integer> waiting = new TreeSet<>(own);
        waiting.removeAll(logs.keySet());
        each(waiting, this::takeOver);
        ConsumerRecords<byte[], byte[]> polled;
        try {
            polled = outcomes.poll(POLL);
        } catch (OffsetOutOfRangeException e) {
            lost(e.offsetOutOfRangePartitions());
            return;
        }
        for (TopicPartition place : polled.partitions()) {
            // Those of a log that was not taken over since are read again from where it stands.
            if (!anew && logs.containsKey(place.partition())) {
                done(place.partition(), partition -> grow(partition, polled.records(place)));
            }
        }
        if (!anew && System.nanoTime() - lookedNanos > LOOK_NANOS) {
            lookedNanos = System.nanoTime();
            look();
        }
    }

    /** Holds all logs against what was published, and signs those whose time has come. */
    private void look() throws SQLException {
        Map<Integer, LogNote> notes = new HashMap<>();
        store.notes().forEach(note -> notes.put(note.partition(), note));
        if (!notes.keySet().containsAll(logs.keySet())) {
            anew = true; // Somebody has dropped all logs, so that they are made anew.
            return;
        }
        each(List.copyOf(logs.keySet()), partition -> look(partition, note(notes, partition)));
    }

    private static LogNote note(Map<Integer, LogNote> notes, int partition) {
        return Objects.requireNonNull(notes.get(partition), "note on a log that is there");
    }

    private void look(int partition, LogNote noted) throws SQLException {
        PartitionLog log = log(place(partition));
        noted.fault().ifPresent(log::found);
        Optional<String> wrong = patrol.found(partition);
        if (wrong.isPresent() && log.fault().isEmpty()) {
            log.fail(wrong.get());
        }
        long position = outcomes.position(place(partition));
        if (!log.grow(List.of(), position)) {
            setAside(partition);
            return;
        }
        // Asked after a checkpoint was read that is larger than the tree: what it covers was there before it.
        log.tend(() -> position >= PartitionOffsets.end(outcomes, place(partition)), noted.wantedSize())
                .ifPresent(note -> witnesses.ask(partition, note));
        patrol.watch(partition, log.verified());
        if (log.fault().isEmpty()) {
            witnesses.askAgain(partition);
        }
    }

    /** Lets the log grow by what was read. If somebody else has let it grow, it is taken over again. */
    private void grow(int partition, List<ConsumerRecord<byte[], byte[]>> records) throws SQLException {
        PartitionLog log = log(place(partition));
        List<byte[]> entries = new ArrayList<>(records.size());
        long next = records.getLast().offset() + 1;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            LeafMaker.Made made = leaves.leaf(partition, LoggedRecord.of(record));
            if (made instanceof LeafMaker.Leaf leaf) {
                entries.add(leaf.entry().encode());
                continue;
            }
            next = record.offset();
            outcomes.seek(place(partition), next);
            if (made instanceof LeafMaker.Lost lost) {
                outcomes.pause(List.of(place(partition)));
                if (log.fault().isEmpty()) {
                    log.fail(lost.what());
                }
            }
            break;
        }
        if (!log.grow(entries, next)) {
            setAside(partition);
        }
    }

    private PartitionLog log(TopicPartition place) {
        return Objects.requireNonNull(logs.get(place.partition()), "log of a partition that is this notary's");
    }

    private void lost(Map<TopicPartition, Long> places) throws SQLException {
        for (Map.Entry<TopicPartition, Long> wanted : places.entrySet()) {
            TopicPartition place = wanted.getKey();
            if (logs.containsKey(place.partition())) {
                done(place.partition(), partition -> lost(place, wanted.getValue()));
            }
        }
    }

    private void lost(TopicPartition place, long wanted) throws SQLException {
        PartitionLog log = log(place);
        if (log.fault().isEmpty()) {
            log.fail("expected partition " + place.partition() + " of " + Topics.EVENTS + " to hold offset " + wanted
                    + ", where its transparency log goes on, but it holds " + PartitionOffsets.begin(outcomes, place)
                    + " to " + (PartitionOffsets.end(outcomes, place) - 1));
        }
        outcomes.pause(List.of(place));
        outcomes.seekToEnd(List.of(place));
    }

    /** @return why it signs nothing, for whoever operates the node; empty while it does, or has not been started */
    public Optional<String> notReady() {
        return loop.standsStill(LONGEST_TURN);
    }

    /** Ends it after the transaction that is under way. */
    @Override
    public void close() {
        patrol.close();
        loop.close(STOP_LIMIT);
        witnesses.close();
    }
}
