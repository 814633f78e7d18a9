package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.CommandReader;
import io.millrace.proto.mac.MacMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * Holds the read model against the log. Fills a schema of its own beside it, by the same code as any projector, up to
 * the very place where the read model stands. Then names every row that differs. The read model goes on meanwhile, and
 * waits only while the last records are taken in.
 */
public final class ReadModelCompare {

    private static final Duration POLL = Duration.ofMillis(200);

    private final ReadModelConfig config;
    private final ReadModelConfig scratch;
    private final String schema;

    private ReadModelCompare(ReadModelConfig config) {
        this.config = config;
        this.schema = "millrace_compare_" + UUID.randomUUID().toString().substring(0, 8);
        this.scratch = config.inSchema(schema);
    }

    /**
     * Compares. Blocks the caller until it is done, and needs room for a second read model.
     *
     * @param found hears of each difference, at most {@link TableDiff#MOST} of each table
     * @return how many differences there are, counted up to that limit
     * @throws SQLException if the database fails, or may not be given a schema
     * @throws org.apache.kafka.common.KafkaException if Kafka fails
     */
    public static long run(ReadModelConfig config, Consumer<RowDifference> found) throws SQLException {
        ReadModelCompare compare = new ReadModelCompare(config);
        try (Connection owner = ReadModelDatabase.connect(config)) {
            ReadModelDatabase.execute(owner, "CREATE SCHEMA " + compare.schema);
            try {
                return compare.compare(found);
            } finally {
                ReadModelDatabase.execute(owner, "DROP SCHEMA " + compare.schema + " CASCADE");
            }
        }
    }

    private long compare(Consumer<RowDifference> found) throws SQLException {
        ReadModelDatabase.make(scratch);
        try (KafkaConsumer<byte[], byte[]> consumer = EventsConsumer.ofAll(config);
                CommandReader commands = new CommandReader(config.kafka());
                Projection projection = Projection.open(scratch, commands);
                Connection live = ReadModelDatabase.connect(config);
                Connection view = ReadModelDatabase.connect(config)) {
            Follower follower = new Follower(consumer, projection, config);
            fill(consumer, follower, projection, ReadModelDatabase.positions(live, "projector_offsets"));
            live.setAutoCommit(false);
            // Nobody moves on while the last records are taken in, so that both stand at the same place.
            ReadModelDatabase.execute(live, "LOCK TABLE projector_offsets IN EXCLUSIVE MODE");
            fill(consumer, follower, projection, ReadModelDatabase.positions(live, "projector_offsets"));
            // Those of databases of before have not counted from the beginning.
            ReadModelDatabase.execute(
                    view,
                    "UPDATE " + schema
                            + ".projector_offsets b SET list_changes = a.list_changes FROM projector_offsets a"
                            + " WHERE a.partition_number = b.partition_number");
            if (config.macs().mode() == MacMode.OFF) {
                // Without keys nobody can tell where outcomes are sealed.
                ReadModelDatabase.execute(
                        view,
                        "UPDATE " + schema + ".projector_offsets b SET sealed = a.sealed FROM projector_offsets a"
                                + " WHERE a.partition_number = b.partition_number");
            }
            view.setAutoCommit(false);
            view.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            ReadModelDatabase.execute(view, "SELECT 1"); // from here on it sees what it sees now
            live.rollback();
            long differences = 0;
            for (TableDiff table : TableDiff.values()) {
                differences += table.find(view, schema, found);
            }
            view.rollback();
            return differences;
        }
    }

    private static void fill(
            KafkaConsumer<byte[], byte[]> consumer, Follower follower, Projection projection, Map<Integer, Long> until)
            throws SQLException {
        follower.begin(consumer.assignment());
        consumer.assignment().forEach(partition -> until.putIfAbsent(partition.partition(), 0L));
        while (until.entrySet().stream().anyMatch(end -> projection.position(end.getKey()) < end.getValue())) {
            follower.step(POLL, until);
        }
    }
}
