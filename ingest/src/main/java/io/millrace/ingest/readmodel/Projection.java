package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Anchor;
import io.millrace.ingest.audit.trail.CommandReader;
import io.millrace.ingest.audit.trail.LogCheck;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A database connection through which records of the events topic become rows. Offsets move in the transaction of what
 * they stand for, and only from where this projection believes them to be. So each event lands exactly once, whoever
 * dies when, even if two believe that a partition is theirs. One thread, but for {@link #writeAhead}, which has another one write. After
 * a {@link SQLException} it is of no more use.
 */
final class Projection implements AutoCloseable {

    private static final List<String> MOVE_TYPES = List.of(
            "int4", "int8", "int8", "int8", "int8", "int8", "int8", "int8", "bytea", "int8", "bytea", "bool", "bool");
    private static final String MOVE = "UPDATE projector_offsets o SET next_offset = n.next_offset,"
            + " taken_until_ms = greatest(o.taken_until_ms, n.taken_until_ms),"
            + " passed_over = o.passed_over + n.passed_over, breaks = o.breaks + n.breaks, list_changes = o.list_changes + n.list_changes,"
            + " next_command = n.next_command, outcomes_hash = n.outcomes_hash, event_sequence = n.event_sequence,"
            + " event_hash = n.event_hash, whole = n.whole, sealed = n.sealed"
            + " FROM " + ColumnArrays.unnest(MOVE_TYPES)
            + " AS n (partition_number, believed, next_offset, taken_until_ms, passed_over, breaks, list_changes,"
            + " next_command, outcomes_hash, event_sequence, event_hash, whole, sealed)"
            + " WHERE o.partition_number = n.partition_number AND o.next_offset = n.believed";

    private final Connection connection;
    /** Where the database stands, as far as this projection knows. */
    private final Map<Integer, Long> positions = new ConcurrentHashMap<>();

    private final Map<Integer, Anchor> anchors = new HashMap<>();
    private final KnownWork known = new KnownWork();
    /** Those of which the server's log has told. */
    private final Set<BreakRows.Hole> holes = ConcurrentHashMap.newKeySet();

    private final CheckedLog log;
    private final LongAdder eventsTaken = new LongAdder();
    private final LongAdder recordsPassedOver = new LongAdder();
    private final LongAdder breaks = new LongAdder();
    private int partitions;
    /** What was added and is not written yet; null: nothing. */
    private @Nullable Batch batch;
    /** Writes ahead of {@link #write}; null as long as nothing was. It has the connection while {@link #writing} is not done. */
    private @Nullable ExecutorService writer;

    private @Nullable Future<Boolean> writing;

    /**
     * How far a partition is taken in: the next offset; the time of the last record, 0 if there is none; how many
     * records were passed over; how many outcomes are not believed; and what the next one has to continue, null for
     * nothing.
     */
    record Taken(
            long nextOffset,
            long untilMs,
            long passedOver,
            long breaks,
            @Nullable Anchor anchor) {}

    private Projection(Connection connection, CommandReader commands, LogCheck check) {
        this.connection = connection;
        this.log = new CheckedLog(
                () -> {
                    await();
                    return connection;
                },
                commands,
                check);
    }

    /**
     * Connects as one of several projectors.
     *
     * @param commands of this thread; stays the giver's to close
     * @throws RebuildingException while the read model is being rebuilt
     */
    static Projection open(ReadModelConfig config, CommandReader commands) throws SQLException {
        return open(config, commands, false, ProjectorLock::share);
    }

    /**
     * Connects as the only one.
     *
     * @throws RebuildRefusedException if projectors run
     */
    static Projection openAlone(ReadModelConfig config, CommandReader commands, boolean pastBreaks)
            throws SQLException {
        return open(config, commands, pastBreaks, ProjectorLock::takeAlone);
    }

    private interface Lock {
        void take(Connection connection) throws SQLException;
    }

    private static Projection open(ReadModelConfig config, CommandReader commands, boolean pastBreaks, Lock lock)
            throws SQLException {
        Connection connection = connect(config);
        try {
            connection.setAutoCommit(false);
            lock.take(connection);
            connection.commit();
            return new Projection(
                    connection, commands, new LogCheck(pastBreaks, config.macs().mode()));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Not from a pool: the connection holds the lock of projectors for as long as it lives. */
    private static Connection connect(ReadModelConfig config) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("user", config.user());
        settings.setProperty("password", config.password());
        settings.setProperty("ApplicationName", ProjectorLock.APPLICATION);
        // A crash of the server may take back the last transactions; offsets go with their rows, so they are done
        // again.
        settings.setProperty("options", "-c synchronous_commit=off");
        settings.setProperty("tcpKeepAlive", "true");
        settings.setProperty("connectTimeout", "10");
        // A server that fell silent is given up after this many seconds; the transaction is done again then.
        settings.setProperty("socketTimeout", "60");
        return DriverManager.getConnection(config.jdbcUrl(), settings);
    }

    /** @return the connection, for work on the schema before anything is taken in */
    Connection connection() {
        return connection;
    }

    /**
     * Learns where the database stands in the partitions; each is known to it from then on. What was added and not written is forgotten.
     *
     * @param ofPartitions how many partitions the log has
     */
    void begin(Collection<Integer> begun, int ofPartitions) throws SQLException {
        partitions = ofPartitions;
        batch = null;
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO projector_offsets (partition_number, next_offset, next_command, outcomes_hash, event_sequence,"
                        + " event_hash, whole) VALUES (?, 0, 0, ?, 0, ?, true) ON CONFLICT DO NOTHING")) {
            for (int partition : begun) {
                insert.setInt(1, partition);
                insert.setBytes(2, Anchor.BEGINNING.outcomesHash().toByteArray());
                insert.setBytes(3, Anchor.BEGINNING.eventHash().toByteArray());
                insert.executeUpdate();
            }
        }
        connection.commit();
        known.forget(); // somebody else may have moved on
        Map<Integer, Taken> taken = taken();
        begun.forEach(partition -> {
            Taken there = Objects.requireNonNull(taken.get(partition), "row of a partition that has one");
            positions.put(partition, there.nextOffset());
            anchors.put(partition, there.anchor());
            log.begin(partition, there.anchor());
        });
    }

    /** @return the offset of the next record that is wanted of a partition begun */
    long position(int partition) {
        return Objects.requireNonNull(positions.get(partition), "position of a partition begun");
    }

    /** @return how far the database is, in all partitions that it knows */
    Map<Integer, Taken> taken() throws SQLException {
        Map<Integer, Taken> taken = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT partition_number, next_offset, taken_until_ms, passed_over, breaks, " + Anchors.COLUMNS
                                + " FROM projector_offsets");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                taken.put(
                        row.getInt(1),
                        new Taken(row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), Anchors.read(row)));
            }
        }
        connection.commit();
        return taken;
    }

    /**
     * Adds records to what is written next. Nothing of them stays but their rows.
     *
     * @throws SQLException the database could not be asked for what stands before them
     * @throws RefusedRowsException as {@link #await}
     */
    void add(List<Incoming> records) throws SQLException, RefusedRowsException {
        Batch adding = batch;
        if (adding == null) {
            log.batchBegins();
            adding = new Batch(holes, partitions);
            batch = adding;
        }
        log.check(records).forEach(adding::add);
    }

    /** Forgets what was added and not written: it has to be read again, from {@link #position} on. */
    void drop() {
        if (batch != null) {
            batch = null;
            known.forget();
            positions.keySet().forEach(partition -> log.begin(partition, anchors.get(partition)));
        }
    }

    /** @return whether nothing was added since the last batch */
    boolean isEmpty() {
        return batch == null;
    }

    /**
     * Writes what was added, in one transaction. Should the database refuse the rows of a record that stands alone, it is noted and
     * passed over.
     *
     * @param next by partition, where the database is to stand then: behind the records and markers of transactions
     * @return false if the database stands elsewhere than this projection believes; nothing is taken in then, and the
     *     partitions have to begin anew
     * @throws RefusedRowsException the database refuses rows of several records; the partitions have to begin anew
     */
    boolean write(Map<Integer, Long> next) throws SQLException, RefusedRowsException {
        await();
        return write(complete(), next);
    }

    /**
     * As {@link #write}, for a projection that has the read model to itself: comes back while the rows are being written. Until
     * {@link #await} has come back, the connection is not to be used.
     *
     * @throws SQLException those before could not be written
     * @throws RefusedRowsException so it was with those before
     */
    void writeAhead(Map<Integer, Long> next) throws SQLException, RefusedRowsException {
        await();
        Batch complete = complete();
        ExecutorService one = writer;
        if (one == null) {
            one = Executors.newSingleThreadExecutor(Thread.ofPlatform()
                    .daemon(true)
                    .name("millrace-rebuild-writer")
                    .factory());
            writer = one;
        }
        writing = one.submit(() -> write(complete, next));
    }

    private Batch complete() {
        Batch complete = batch == null ? new Batch(holes, partitions) : batch;
        batch = null;
        return complete;
    }

    /**
     * Waits until all that was written ahead is there.
     *
     * @throws SQLException it could not be written
     * @throws RefusedRowsException the database refuses rows of several records; the partitions have to begin anew
     */
    void await() throws SQLException, RefusedRowsException {
        Future<Boolean> last = writing;
        writing = null;
        try {
            if (last != null && !last.get()) {
                throw new SQLException(
                        "expected to be the only one who takes in records, but somebody else has moved the read model");
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case SQLException failure -> throw failure;
                case RefusedRowsException refused -> throw refused;
                case RuntimeException failure -> throw failure;
                case null, default ->
                    throw new IllegalStateException("expected rows to be written, but that failed", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("expected rows to be written, but was interrupted", e);
        }
    }

    private boolean write(Batch complete, Map<Integer, Long> next) throws SQLException, RefusedRowsException {
        try {
            return commit(complete, next);
        } catch (SQLException e) {
            if (!isRefusal(e) || complete.records() == 0) {
                throw e;
            }
            connection.rollback();
            if (complete.records() > 1) {
                throw new RefusedRowsException(complete.records(), e);
            }
            return commit(complete.passedOver(e), next);
        }
    }

    /**
     * Moves on over records that are gone from the log, and notes that.
     *
     * @return as {@link #write}
     */
    boolean skip(int partition, long next) throws SQLException {
        Batch lost = new Batch(holes, partitions);
        long from = position(partition);
        lost.note(
                partition,
                from,
                "expected the log to begin at offset " + from + " or before, but it begins at " + next
                        + ": what stood between was deleted before it was taken in");
        anchors.put(partition, null); // whatever comes next is believed without what is gone
        return commit(lost, Map.of(partition, next));
    }

    private boolean commit(Batch complete, Map<Integer, Long> next) throws SQLException {
        if (!next.keySet().containsAll(complete.places().keySet())) {
            // Rows whose place does not move would be written again by whoever reads on.
            throw new IllegalStateException("expected a place behind the records of each of the partitions "
                    + complete.places().keySet() + ", but there is one of " + next.keySet());
        }
        if (!move(complete, next)) {
            connection.rollback();
            return false;
        }
        complete.write(connection, known);
        connection.commit();
        complete.tell(known);
        complete.complain();
        holes.addAll(complete.holes());
        positions.putAll(next);
        eventsTaken.add(complete.events());
        recordsPassedOver.add(complete.failures());
        breaks.add(complete.breaks());
        return true;
    }

    private boolean move(Batch complete, Map<Integer, Long> next) throws SQLException {
        Map<Integer, Batch.Place> places = complete.places();
        places.forEach((partition, place) -> anchors.put(partition, place.anchor()));
        ColumnArrays moves = new ColumnArrays(MOVE_TYPES);
        int wanted = 0;
        // Always in the same order, so that two who believe the same do not lock each other out.
        for (Map.Entry<Integer, Long> entry : new TreeMap<>(next).entrySet()) {
            int partition = entry.getKey();
            if (entry.getValue() != position(partition)) {
                Anchor anchor = anchors.get(partition);
                moves.row(
                        partition,
                        position(partition),
                        entry.getValue(),
                        places.containsKey(partition) ? places.get(partition).untilMs() : 0L,
                        complete.failures(partition),
                        complete.breaks(partition),
                        complete.listChanges(partition),
                        anchor == null ? null : anchor.nextCommand(),
                        anchor == null ? null : anchor.outcomesHash().toByteArray(),
                        anchor == null ? null : anchor.eventSequence(),
                        anchor == null ? null : anchor.eventHash().toByteArray(),
                        anchor != null && anchor.whole(),
                        anchor != null && anchor.sealed());
                wanted++;
            }
        }
        return moves.write(connection, MOVE) == wanted;
    }

    /** By the SQL standard, class 22 is a value that does not fit; in PostgreSQL, class 54 is a limit that it goes beyond. */
    private static boolean isRefusal(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("54"));
    }

    /** @return events taken in by this projection */
    long eventsTaken() {
        return eventsTaken.sum();
    }

    /** @return records passed over by this projection */
    long recordsPassedOver() {
        return recordsPassedOver.sum();
    }

    /** @return outcomes that this projection did not believe */
    long breaks() {
        return breaks.sum();
    }

    /** Gives the connection up, and with it the lock. */
    @Override
    public void close() {
        if (writer != null) {
            writer.close(); // what is being written goes on to its end
        }
        ProjectorLock.giveBack(connection);
        try {
            connection.close();
        } catch (SQLException e) {
            // The connection is gone either way.
        }
    }
}
