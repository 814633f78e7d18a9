package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.CommandReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Makes the read model anew from Kafka. */
public final class ReadModelRebuild {

    private static final Duration POLL = Duration.ofMillis(200);

    private ReadModelRebuild() {}

    /**
     * How far it is.
     *
     * @param events events taken in
     * @param records place in the log: offsets passed, over all partitions
     * @param ofRecords offsets to pass
     * @param passedOver records that could not be taken in, and are noted in projection_failures
     * @param breaks outcomes that are not believed, and are noted in log_breaks
     */
    public record Progress(long events, long records, long ofRecords, long passedOver, long breaks) {}

    /**
     * Fills tables beside those in use with what the log holds, while nodes go on with the old ones, and lets them change
     * places when they have caught up. Blocks the caller until it is done. Needs room for a second read model, and a user who may
     * make a schema. If it fails, or is interrupted by a kill, the old tables stay in use.
     *
     * @param pastBreaks whether to go on behind outcomes that do not fit the log before them, for whoever has looked at them
     * @param begins is told when nothing can refuse it any more, before anything is made; what it throws ends it there
     * @param progress hears of each transaction
     * @return where it ended
     * @throws RebuildRefusedException if the database cannot be reached, another rebuild runs, or its tables are those of
     *     another build; nothing is changed then
     * @throws SQLException if the database fails on the way
     * @throws org.apache.kafka.common.KafkaException if Kafka fails
     */
    public static Progress beside(
            ReadModelConfig config, boolean pastBreaks, Runnable begins, Consumer<Progress> progress)
            throws SQLException {
        return new BesideRebuild(config, pastBreaks).run(begins, progress);
    }

    /**
     * Drops the read model and fills it with what the log holds now; what comes later is left to the projectors. Nodes whose
     * projectors come up meanwhile wait until it is done; lists are incomplete until then. Blocks the
     * caller until it is done. If it fails or is interrupted by a kill, projectors or another run go on from there.
     *
     * @param pastBreaks whether to go on behind outcomes that do not fit the log before them, for whoever has looked at them
     * @param begins is told when nothing can refuse it any more, before anything is dropped; what it throws ends it there
     * @param progress hears of each transaction
     * @return where it ended
     * @throws RebuildRefusedException if the database cannot be reached, or a projector is at work on it; nothing is changed
     *     then
     * @throws SQLException if the database fails on the way
     * @throws org.apache.kafka.common.KafkaException if Kafka fails
     */
    public static Progress inPlace(
            ReadModelConfig config, boolean pastBreaks, Runnable begins, Consumer<Progress> progress)
            throws SQLException {
        try (KafkaConsumer<byte[], byte[]> consumer = EventsConsumer.ofAll(config);
                CommandReader commands = new CommandReader(config.kafka());
                Projection projection = open(config, commands, pastBreaks)) {
            Map<Integer, Long> ends = EventsConsumer.ends(consumer);
            begins.run();
            ReadModelDatabase.makeAnew(config, projection.connection());
            Follower follower = Follower.ofLargeBatches(consumer, projection, config);
            follower.begin(consumer.assignment());
            return fill(follower, projection, ends, progress);
        }
    }

    /** Takes in what stands before the ends. */
    static Progress fill(Follower follower, Projection projection, Map<Integer, Long> ends, Consumer<Progress> progress)
            throws SQLException {
        Progress now = progress(projection, ends);
        do {
            while (now.records() < now.ofRecords()) {
                follower.stepAhead(POLL);
                now = progress(projection, ends);
                progress.accept(now);
            }
        } while (!follower.finish());
        return progress(projection, ends);
    }

    private static Projection open(ReadModelConfig config, CommandReader commands, boolean pastBreaks) {
        try {
            return Projection.openAlone(config, commands, pastBreaks);
        } catch (SQLException e) {
            throw notLetIn(config, e);
        }
    }

    static RebuildRefusedException notLetIn(ReadModelConfig config, SQLException e) {
        return new RebuildRefusedException(
                "expected the read model's database at " + config.jdbcUrl() + " to let " + config.user()
                        + " in, but it did not: " + e.getMessage(),
                e);
    }

    private static Progress progress(Projection projection, Map<Integer, Long> ends) {
        long passed = 0;
        long all = 0;
        for (Map.Entry<Integer, Long> end : ends.entrySet()) {
            passed += Math.min(end.getValue(), projection.position(end.getKey()));
            all += end.getValue();
        }
        return new Progress(projection.eventsTaken(), passed, all, projection.recordsPassedOver(), projection.breaks());
    }
}
