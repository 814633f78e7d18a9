package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.CommandReader;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.ReadLoop;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the events topic into PostgreSQL for as long as it runs. Several may run, the partitions are shared among them; where
 * each partition stands is in PostgreSQL alone. Trouble with either side is logged and tried again. One thread, started by
 * {@link #start}; the other methods may be called from any.
 */
public final class ReadModelProjector implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadModelProjector.class);
    private static final String GROUP = "millrace-read-model";
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long MEASURE_NANOS = 1_000_000_000L;
    /** A lag that was not measured for so long says nothing any more. */
    private static final long STALE_NANOS = 15_000_000_000L;

    private static final Duration FIRST_REST = Duration.ofMillis(200);
    private static final Duration LONGEST_REST = Duration.ofSeconds(10);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private final ReadModelConfig config;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ReadLoop loop;
    private final CommandEnds commandEnds = new CommandEnds();
    private volatile @Nullable Measured measured;

    /** The fields below belong to the loop's thread. */
    private final LagGauge gauge = new LagGauge();

    private final LagGauge.Places places = new LagGauge.Places() {
        @Override
        public Map<Integer, Projection.Taken> taken() throws SQLException {
            return Objects.requireNonNull(projection, "projection").taken();
        }

        @Override
        public Map<Integer, Long> ends() {
            return EventsConsumer.ends(Objects.requireNonNull(lookout, "lookout"));
        }
    };

    private @Nullable Projection projection;
    private @Nullable Follower follower;
    private @Nullable CommandReader commands;
    /** Never polls: it looks at the ends of all partitions, which the other one has not. */
    private @Nullable KafkaConsumer<byte[], byte[]> lookout;

    private record Measured(ReadModelLag lag, long nanoTime) {}

    /**
     * Prepares it; {@link #start} lets it run. The schema has to be there: {@link ReadModelDatabase} makes it.
     *
     * @param membership settings of the Kafka consumer as a member of the group of projectors, such as group.instance.id
     */
    public ReadModelProjector(ReadModelConfig config, Map<String, Object> membership) {
        this.config = config;
        Map<String, Object> settings = new HashMap<>(membership);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        consumer = CommittedReader.openForPortions(config.kafka(), settings);
        loop = new ReadLoop(
                "millrace-read-model", consumer, FIRST_REST, LONGEST_REST, this::step, new ReadLoop.Listener() {
                    @Override
                    public void failed(Throwable cause) {
                        if (cause instanceof RebuildingException) {
                            LOG.info("{}; will look again", cause.getMessage());
                        } else {
                            LOG.warn(
                                    "the read model could not be brought up to date, will try again: {}",
                                    FailureTrace.of(cause));
                        }
                        // Whatever was under way is undone with the connection; the database says where to go on.
                        disconnect();
                    }

                    @Override
                    public void ended() {
                        disconnect();
                        if (commands != null) {
                            commands.close();
                        }
                        if (lookout != null) {
                            lookout.close();
                        }
                    }
                });
    }

    /** Lets it run. */
    public void start() {
        consumer.subscribe(List.of(Topics.EVENTS), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                if (projection != null) {
                    follower().revoked();
                }
            }

            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                try {
                    follower().begin(partitions);
                } catch (SQLException e) {
                    throw new KafkaException(e); // comes out of poll
                }
            }
        });
        loop.start();
    }

    /**
     * @return how far the database is behind the log in all partitions, as of a second ago or so
     * @throws QueriesUnavailableException if Kafka or the database did not say so lately
     */
    public ReadModelLag lag() {
        Measured last = measured;
        if (last == null || System.nanoTime() - last.nanoTime() > STALE_NANOS) {
            throw new QueriesUnavailableException(
                    "expected the projector to know its lag, but "
                            + (last == null ? "it has not measured it yet" : "it could not measure it lately"),
                    null);
        }
        return last.lag();
    }

    /** @return where the commands topic ended lately */
    CommandEnds commandEnds() {
        return commandEnds;
    }

    private void step() throws SQLException, InterruptedException {
        if (commands == null) {
            commands = new CommandReader(config.kafka());
        }
        if (projection == null) {
            projection = Projection.open(config, commands);
            Follower begun = new Follower(consumer, projection, config);
            follower = begun;
            begun.begin(consumer.assignment());
        }
        Follower.Done done = follower().step(POLL);
        measure();
        loop.rest(Duration.ofNanos(Pace.restNanos(done.left(), done.workNanos())));
    }

    private Follower follower() {
        return Objects.requireNonNull(follower, "follower");
    }

    private void measure() throws SQLException {
        long now = System.nanoTime();
        if (measured == null || now - measured.nanoTime() > MEASURE_NANOS) {
            if (lookout == null) {
                lookout = EventsConsumer.ofAll(config);
            }
            long beforeMs = System.currentTimeMillis();
            commandEnds.add(new CommandEnds.Look(beforeMs, EventsConsumer.commandEnds(lookout)));
            measured = new Measured(gauge.measure(places, System.currentTimeMillis()), now);
        }
    }

    private void disconnect() {
        if (projection != null) {
            projection.close();
            projection = null;
        }
    }

    /** Ends it after the transaction that is under way. */
    @Override
    public void close() {
        loop.close(STOP_LIMIT);
    }
}
