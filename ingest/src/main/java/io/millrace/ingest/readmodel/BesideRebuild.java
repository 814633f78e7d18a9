package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.CommandReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the read model anew in a schema of its own, by the same code as any projector, while projectors and queries go on with
 * the old one. The indexes of queries are made when it is full. When it has caught up, the tables change places in one transaction.
 * Projectors notice by the place where the new tables stand, and begin there; prepared statements are planned anew by PostgreSQL.
 * One thread.
 */
final class BesideRebuild {

    private static final Logger LOG = LoggerFactory.getLogger(BesideRebuild.class);

    private static final String NEW = "millrace_rebuild";
    private static final String OLD = "millrace_replaced";
    private static final Duration POLL = Duration.ofMillis(200);
    /** Queries and projectors wait so long for tables that are to change places, at the most; then it is tried again. */
    private static final int LOCK_MILLIS = 2_000;

    /** Projectors stand still so long for what came since the tables were last close to theirs, at the most. */
    private static final long CATCH_UP_NANOS = 2_000_000_000L;
    /** Of that time, the part in which what lies between is to be taken in, at the speed of the last steps. */
    private static final int CATCH_UP_PART = 4;
    /** So long the tables may come no nearer to those in use before the rebuild is given up. */
    private static final long NEARER_WITHIN_NANOS = Duration.ofMinutes(10).toNanos();

    private static final long PAUSE_MILLIS = 500;
    /** A query may take 15 s; among so many tries is one without such a query. */
    private static final int TRIES = 200;

    private static final String HISTORY = "flyway_schema_history";
    /** How far projectors are. */
    private static final String PLACES = "projector_offsets";
    /** A lock that was not to be had in time, a deadlock, and all locks together that were not. */
    private static final Set<String> IN_USE = Set.of("55P03", "40P01", "57014");

    private final ReadModelConfig config;
    private final ReadModelConfig made;
    private final boolean pastBreaks;

    BesideRebuild(ReadModelConfig config, boolean pastBreaks) {
        this.config = config;
        this.made = config.inSchema(NEW);
        this.pastBreaks = pastBreaks;
    }

    ReadModelRebuild.Progress run(Runnable begins, Consumer<ReadModelRebuild.Progress> progress) throws SQLException {
        try (Connection owner = connect();
                KafkaConsumer<byte[], byte[]> consumer = EventsConsumer.ofAll(config);
                CommandReader commands = new CommandReader(config.kafka())) {
            ProjectorLock.takeRebuild(owner);
            expectTablesOfThisBuild();
            Map<Integer, Long> ends = EventsConsumer.ends(consumer);
            begins.run();
            drop(owner);
            try {
                ReadModelDatabase.execute(owner, "CREATE SCHEMA " + NEW);
                ReadModelDatabase.make(made);
                return fillAndChangePlaces(owner, consumer, commands, LateIndexes.drop(owner, NEW), ends, progress);
            } finally {
                dropAtTheEnd(owner);
                ProjectorLock.giveBack(owner);
            }
        }
    }

    private ReadModelRebuild.Progress fillAndChangePlaces(
            Connection owner,
            KafkaConsumer<byte[], byte[]> consumer,
            CommandReader commands,
            LateIndexes indexes,
            Map<Integer, Long> ends,
            Consumer<ReadModelRebuild.Progress> progress)
            throws SQLException {
        try (Projection projection = Projection.openAlone(made, commands, pastBreaks)) {
            Follower follower = Follower.ofLargeBatches(consumer, projection, config);
            follower.begin(consumer.assignment());
            ReadModelRebuild.Progress end = ReadModelRebuild.fill(follower, projection, ends, progress);
            indexes.make(owner);
            comeNear(owner, follower, projection);
            changePlaces(owner, consumer, follower, projection);
            return new ReadModelRebuild.Progress(
                    projection.eventsTaken(),
                    end.records(),
                    end.ofRecords(),
                    projection.recordsPassedOver(),
                    projection.breaks());
        }
    }

    /** Whatever has come of it, one of the two is in use, and the other only takes room. */
    private static void dropAtTheEnd(Connection owner) {
        try {
            drop(owner);
        } catch (SQLException e) {
            LOG.warn("could not drop what is not in use any more; the next rebuild does: {}", e.getMessage());
        }
    }

    private Connection connect() throws SQLException {
        try {
            return ReadModelDatabase.connect(config);
        } catch (SQLException e) {
            throw ReadModelRebuild.notLetIn(config, e);
        }
    }

    /** Nodes read and write the tables of their own build only. */
    private void expectTablesOfThisBuild() {
        String unlike = ReadModelDatabase.unlike(config);
        if (!unlike.isEmpty()) {
            throw new RebuildRefusedException("expected the tables of the read model to be those of this build, but "
                    + unlike + "; start the nodes with this build first, or stop them and rebuild with --in-place");
        }
    }

    /** What is replaced, and what a run has left that was killed. */
    private static void drop(Connection owner) throws SQLException {
        ReadModelDatabase.execute(owner, "DROP SCHEMA IF EXISTS " + NEW + " CASCADE");
        ReadModelDatabase.execute(owner, "DROP SCHEMA IF EXISTS " + OLD + " CASCADE");
    }

    /**
     * Takes in what has come meanwhile, until the rest is little enough to be taken in while projectors stand still. They go on, and
     * so does what is between.
     */
    private static void comeNear(Connection owner, Follower follower, Projection projection) throws SQLException {
        String schema = currentSchema(owner);
        if (!tables(owner, schema).contains(PLACES)) {
            return;
        }
        long left = behind(schema, owner, projection);
        long nearest = left;
        long sinceNanos = System.nanoTime();
        while (left > 0) {
            long before = left;
            long begunNanos = System.nanoTime();
            follower.step(POLL);
            left = behind(schema, owner, projection);
            double nanosForEach = (System.nanoTime() - begunNanos) / (double) (before - left);
            if (left < before && left * nanosForEach < CATCH_UP_NANOS / (double) CATCH_UP_PART) {
                return;
            }
            if (left < nearest) {
                nearest = left;
                sinceNanos = System.nanoTime();
            } else if (System.nanoTime() - sinceNanos > NEARER_WITHIN_NANOS) {
                throw new SQLException("expected the new tables to come nearer to those in use, but for "
                        + Duration.ofNanos(NEARER_WITHIN_NANOS).toMinutes() + " minutes they were " + nearest
                        + " records behind: as many come as are taken in; nothing is changed, try at a quieter time");
            }
        }
    }

    /** @return how many offsets projectors are ahead, of all partitions together */
    private static long behind(String schema, Connection owner, Projection projection) throws SQLException {
        long behind = 0;
        for (Map.Entry<Integer, Long> old :
                ReadModelDatabase.positions(owner, schema + "." + PLACES).entrySet()) {
            behind += Math.max(0, old.getValue() - projection.position(old.getKey()));
        }
        return behind;
    }

    private void changePlaces(
            Connection owner, KafkaConsumer<byte[], byte[]> consumer, Follower follower, Projection projection)
            throws SQLException {
        String schema = currentSchema(owner);
        owner.setAutoCommit(false);
        try {
            ReadModelDatabase.execute(owner, "CREATE SCHEMA " + OLD);
            owner.commit();
            for (int tries = 1; ; tries++) {
                String why = "the new ones had not caught up in time";
                try {
                    if (tryChangePlaces(owner, schema, consumer, follower, projection)) {
                        return;
                    }
                } catch (SQLException e) {
                    if (!IN_USE.contains(String.valueOf(e.getSQLState()))) {
                        throw e;
                    }
                    why = "queries kept them in use";
                    LOG.debug("the tables are in use", e);
                }
                owner.rollback();
                if (tries == TRIES) {
                    throw new SQLException(
                            "expected a moment in which the tables of the read model can change places, but " + why
                                    + "; nothing is changed");
                }
                pause(follower);
            }
        } finally {
            owner.rollback();
            owner.setAutoCommit(true);
        }
    }

    private static void pause(Follower follower) throws SQLException {
        long until = System.nanoTime() + Duration.ofMillis(PAUSE_MILLIS).toNanos();
        while (System.nanoTime() < until) {
            follower.step(POLL);
        }
    }

    /** @return whether they have changed places */
    private boolean tryChangePlaces(
            Connection owner,
            String schema,
            KafkaConsumer<byte[], byte[]> consumer,
            Follower follower,
            Projection projection)
            throws SQLException {
        ReadModelDatabase.execute(owner, "SET LOCAL lock_timeout = " + LOCK_MILLIS);
        List<String> old = tables(owner, schema);
        if (old.contains(PLACES)) {
            // From here on no projector moves, since each moves its place first.
            ReadModelDatabase.execute(owner, "LOCK TABLE " + schema + "." + PLACES + " IN ACCESS EXCLUSIVE MODE");
            if (!caughtUp(ReadModelDatabase.positions(owner, schema + "." + PLACES), consumer, follower, projection)) {
                return false;
            }
        }
        // All of them at once: a lock for each that waits its turn would hold up queries of the others all the while.
        ReadModelDatabase.execute(owner, "SET LOCAL statement_timeout = " + LOCK_MILLIS);
        if (!old.isEmpty()) {
            ReadModelDatabase.execute(
                    owner,
                    old.stream()
                            .map(table -> schema + "." + table)
                            .collect(Collectors.joining(", ", "LOCK TABLE ", " IN ACCESS EXCLUSIVE MODE")));
        }
        ReadModelDatabase.execute(owner, "SET LOCAL statement_timeout = 0");
        for (String table : old) {
            ReadModelDatabase.execute(owner, "ALTER TABLE " + schema + "." + table + " SET SCHEMA " + OLD);
        }
        for (String table : tables(owner, NEW)) {
            ReadModelDatabase.execute(owner, "ALTER TABLE " + NEW + "." + table + " SET SCHEMA " + schema);
        }
        // A node of a newer build may have brought the old tables up to date meanwhile.
        if (old.contains(HISTORY) && !migrations(owner, OLD).equals(migrations(owner, schema))) {
            throw new RebuildRefusedException(
                    "expected the tables in use to stay those of this build, but a node of another"
                            + " build has changed them meanwhile; they stay in use: rebuild with its build");
        }
        owner.commit();
        return true;
    }

    private static List<String> migrations(Connection owner, String schema) throws SQLException {
        List<String> versions = new ArrayList<>();
        try (Statement statement = owner.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT version FROM " + schema + "." + HISTORY + " WHERE success ORDER BY installed_rank")) {
            while (row.next()) {
                versions.add(String.valueOf(row.getString(1)));
            }
        }
        return versions;
    }

    /**
     * A projector that has nothing to take in does not look where the database stands. So the new tables must stand nowhere
     * before the old ones.
     */
    private static boolean caughtUp(
            Map<Integer, Long> old, KafkaConsumer<byte[], byte[]> consumer, Follower follower, Projection projection)
            throws SQLException {
        long until = System.nanoTime() + CATCH_UP_NANOS;
        while (consumer.assignment().stream()
                .anyMatch(place -> projection.position(place.partition()) < old.getOrDefault(place.partition(), 0L))) {
            if (System.nanoTime() > until) {
                return false;
            }
            follower.step(POLL);
        }
        return true;
    }

    private static String currentSchema(Connection owner) throws SQLException {
        try (Statement statement = owner.createStatement();
                ResultSet row = statement.executeQuery("SELECT quote_ident(current_schema())")) {
            row.next();
            return row.getString(1);
        }
    }

    /** @return those of the read model's tables and views that are in the schema */
    private static List<String> tables(Connection owner, String schema) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (PreparedStatement select = owner.prepareStatement("SELECT to_regclass(? || '.' || ?) IS NOT NULL")) {
            for (String table : ReadModelDatabase.tables()) {
                select.setString(1, schema);
                select.setString(2, table);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        tables.add(table);
                    }
                }
            }
        }
        return tables;
    }
}
