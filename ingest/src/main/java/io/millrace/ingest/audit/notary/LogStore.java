package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.notary.CheckpointTopic.Published;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.ingest.audit.tlog.EntryBundle;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TileReader;
import io.millrace.ingest.audit.tlog.TileWriter.Tile;
import io.millrace.ingest.audit.tlog.TlogException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The transparency logs in PostgreSQL. Each method is a transaction of its own. Any thread. */
final class LogStore {

    private static final String LOGS = "millrace_tlog.logs";
    private static final String TILES = "millrace_tlog.tiles";
    private static final String STATEMENTS = "millrace_tlog.key_statements";
    private static final int ENTRY_BYTES = 2 + OutcomeLeaf.BYTES;

    private final NotaryConnections database;

    LogStore(NotaryConnections database) {
        this.database = database;
    }

    /** Work on a statement. */
    private interface Work<T> {
        T with(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(String sql, Work<T> work) throws SQLException {
        try (Connection connection = database.connection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            T result = work.with(statement);
            connection.commit();
            return result;
        }
    }

    /** @return how the logs stand that are there, in the order of their partitions */
    List<LogState> states() throws SQLException {
        return run("SELECT * FROM " + LOGS + " ORDER BY partition_number", statement -> {
            List<LogState> states = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    states.add(state(row));
                }
            }
            return states;
        });
    }

    /** @return what is noted on the logs that are there; it is asked for so often that what is long stays away */
    List<LogNote> notes() throws SQLException {
        return run("SELECT partition_number, wanted_size, fault FROM " + LOGS, statement -> {
            List<LogNote> notes = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    notes.add(new LogNote(row.getInt(1), row.getLong(2), Optional.ofNullable(row.getString(3))));
                }
            }
            return notes;
        });
    }

    /** @return how the log of the partition stands, if there is one */
    Optional<LogState> state(int partition) throws SQLException {
        return run("SELECT * FROM " + LOGS + " WHERE partition_number = ?", statement -> {
            statement.setInt(1, partition);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(state(row)) : Optional.empty();
            }
        });
    }

    /**
     * Lets the tree of the partition be made again from its first leaf. What was published, and what was found to be wrong, stays: the new
     * tree is held against all of it.
     */
    void makeAgain(int partition) throws SQLException {
        try (Connection connection = database.connection();
                PreparedStatement begin = connection.prepareStatement("UPDATE " + LOGS
                        + " SET size = 0, next_outcome = 0, patrol_next = 0 WHERE partition_number = ?");
                PreparedStatement delete =
                        connection.prepareStatement("DELETE FROM " + TILES + " WHERE partition_number = ?")) {
            begin.setInt(1, partition);
            begin.executeUpdate();
            delete.setInt(1, partition);
            delete.executeUpdate();
            connection.commit();
        }
    }

    /** @return how the log of the partition stands, which is begun if there is none */
    LogState begin(int partition) throws SQLException {
        run("INSERT INTO " + LOGS + " (partition_number) VALUES (?) ON CONFLICT DO NOTHING", statement -> {
            statement.setInt(1, partition);
            return statement.executeUpdate();
        });
        return state(partition).orElseThrow();
    }

    /** A checkpoint that is no note is a fault of this log, and no other's. */
    private static LogState state(ResultSet row) throws SQLException {
        Optional<String> fault = Optional.ofNullable(row.getString("fault"));
        Optional<SignedNote> checkpoint = Optional.empty();
        try {
            checkpoint = Optional.ofNullable(row.getString("checkpoint")).map(SignedNote::parse);
        } catch (TlogException none) {
            String what = "expected the newest checkpoint of partition " + row.getInt("partition_number")
                    + " to be a note, but in the database it is none: " + none.getMessage();
            fault = fault.or(() -> Optional.of(what));
        }
        return new LogState(
                row.getInt("partition_number"),
                row.getLong("size"),
                row.getLong("next_outcome"),
                checkpoint,
                row.getLong("checkpoint_size"),
                row.getInt("cosignatures"),
                row.getLong("checked_until"),
                row.getLong("wanted_size"),
                row.getLong("patrol_next"),
                row.getLong("patrol_rounds"),
                fault);
    }

    /**
     * Lets the log grow, all at once, if it stands where it is believed to stand.
     *
     * @return false if it stands elsewhere: somebody else has let it grow, and nothing is changed
     */
    boolean grow(int partition, long believed, long size, long nextOutcome, List<Tile> tiles) throws SQLException {
        try (Connection connection = database.connection()) {
            try (PreparedStatement move = connection.prepareStatement(
                    "UPDATE " + LOGS + " SET size = ?, next_outcome = ? WHERE partition_number = ? AND size = ?")) {
                move.setLong(1, size);
                move.setLong(2, nextOutcome);
                move.setInt(3, partition);
                move.setLong(4, believed);
                if (move.executeUpdate() != 1) {
                    connection.rollback();
                    return false;
                }
            }
            try (PreparedStatement put = connection.prepareStatement("INSERT INTO " + TILES
                    + " (partition_number, level, tile, first_outcome, bytes) VALUES (?, ?, ?, ?, ?)"
                    + " ON CONFLICT (partition_number, level, tile) DO UPDATE SET bytes = excluded.bytes")) {
                for (Tile tile : tiles) {
                    put.setInt(1, partition);
                    put.setInt(2, tile.path().level());
                    put.setLong(3, tile.path().index());
                    if (tile.path().level() == TilePath.ENTRIES) {
                        put.setLong(
                                4,
                                OutcomeLeaf.decode(EntryBundle.first(tile.bytes()))
                                        .outcomeOffset());
                    } else {
                        put.setNull(4, Types.BIGINT);
                    }
                    put.setBytes(5, tile.bytes());
                    put.addBatch();
                }
                put.executeBatch();
            }
            connection.commit();
            return true;
        }
    }

    /**
     * Goes back to a part of the tree that is believed. What of the tiles is behind it is written again.
     *
     * @param found size that the log was seen to have
     * @return false if it has another by now: somebody else has it, and nothing is changed
     */
    boolean goBack(int partition, long found, long size, long nextOutcome) throws SQLException {
        return run(
                "UPDATE " + LOGS + " SET size = ?, next_outcome = ? WHERE partition_number = ? AND size = ?",
                statement -> {
                    statement.setLong(1, size);
                    statement.setLong(2, nextOutcome);
                    statement.setInt(3, partition);
                    statement.setLong(4, found);
                    return statement.executeUpdate() == 1;
                });
    }

    /** @return the tile or bundle, cut to its width; empty if there is none so wide */
    Optional<byte[]> tile(int partition, TilePath path) throws SQLException {
        return run(
                "SELECT bytes FROM " + TILES + " WHERE partition_number = ? AND level = ? AND tile = ?", statement -> {
                    statement.setInt(1, partition);
                    statement.setInt(2, path.level());
                    statement.setLong(3, path.index());
                    try (ResultSet row = statement.executeQuery()) {
                        int length = path.width() * (path.level() == TilePath.ENTRIES ? ENTRY_BYTES : Hash.BYTES);
                        byte[] bytes = row.next() ? row.getBytes(1) : new byte[0];
                        return bytes.length < length ? Optional.empty() : Optional.of(Arrays.copyOf(bytes, length));
                    }
                });
    }

    /**
     * The tiles of the partition for whoever computes with them. One that is missing is trouble of the database, such
     * as a lost table or a copy that is too old. It shows nothing about the records, and may come back.
     *
     * @return reads them, and throws {@link NotaryException} if one is missing or cannot be read
     */
    TileReader reader(int partition) {
        return path -> {
            try {
                return tile(partition, path)
                        .orElseThrow(() -> new MissingTileException(
                                partition,
                                "expected " + path + " of partition " + partition
                                        + " in the database, but it is not there, or not so wide"));
            } catch (SQLException e) {
                throw new NotaryException(
                        "expected to read " + path + " of partition " + partition + ", but could not", e);
            }
        };
    }

    /** @return all entries of the bundle that there are now */
    byte[] bundle(int partition, long bundle) throws SQLException {
        return run(
                "SELECT bytes FROM " + TILES + " WHERE partition_number = ? AND level = -1 AND tile = ?", statement -> {
                    statement.setInt(1, partition);
                    statement.setLong(2, bundle);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next() ? row.getBytes(1) : new byte[0];
                    }
                });
    }

    /** @return the number of the bundle in which the outcome at this offset stands, if it stands in any */
    OptionalLong bundleOf(int partition, long outcomeOffset) throws SQLException {
        return run(
                "SELECT tile FROM " + TILES + " WHERE partition_number = ? AND level = -1 AND first_outcome <= ?"
                        + " ORDER BY first_outcome DESC LIMIT 1",
                statement -> {
                    statement.setInt(1, partition);
                    statement.setLong(2, outcomeOffset);
                    try (ResultSet row = statement.executeQuery()) {
                        return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
                    }
                });
    }

    /** Notes a checkpoint that was published, unless a newer one is there already. */
    void published(int partition, long size, SignedNote note, int cosignatures) throws SQLException {
        run(
                "UPDATE " + LOGS
                        + " SET checkpoint = ?, checkpoint_size = ?, cosignatures = ? WHERE partition_number = ?"
                        + " AND (checkpoint_size < ? OR checkpoint_size = ? AND cosignatures <= ?)",
                statement -> {
                    statement.setString(1, note.toString());
                    statement.setLong(2, size);
                    statement.setInt(3, cosignatures);
                    statement.setInt(4, partition);
                    statement.setLong(5, size);
                    statement.setLong(6, size);
                    statement.setInt(7, cosignatures);
                    return statement.executeUpdate();
                });
    }

    /** Notes up to where what was published was held against the tree. */
    void checked(int partition, long until) throws SQLException {
        set("checked_until = greatest(checked_until, ?)", partition, until);
    }

    /** Asks for a checkpoint of at least this size. */
    void want(int partition, long size) throws SQLException {
        set("wanted_size = greatest(wanted_size, ?)", partition, size);
    }

    private void set(String what, int partition, long value) throws SQLException {
        run("UPDATE " + LOGS + " SET " + what + " WHERE partition_number = ?", statement -> {
            statement.setLong(1, value);
            statement.setInt(2, partition);
            return statement.executeUpdate();
        });
    }

    /**
     * Notes how far the patrol is, for whoever asks.
     *
     * @param rounds that it has finished since it noted this last
     */
    void patrolled(int partition, long next, int rounds) throws SQLException {
        run(
                "UPDATE " + LOGS + " SET patrol_next = ?, patrol_rounds = patrol_rounds + ? WHERE partition_number = ?",
                statement -> {
                    statement.setLong(1, next);
                    statement.setInt(2, rounds);
                    statement.setInt(3, partition);
                    return statement.executeUpdate();
                });
    }

    /** Notes what is wrong with a log, if nothing is noted yet. */
    void fault(int partition, String what) throws SQLException {
        run("UPDATE " + LOGS + " SET fault = coalesce(fault, ?) WHERE partition_number = ?", statement -> {
            statement.setString(1, what);
            statement.setInt(2, partition);
            return statement.executeUpdate();
        });
    }

    /** @return the statements of keys of the partition's log that were published, in order */
    List<SignedNote> keyStatements(int partition, long upToSize) throws SQLException {
        return stated(partition, upToSize).stream().map(Published::note).toList();
    }

    /**
     * @return the same, each with the offset on millrace.checkpoints where it is said to stand
     * @throws TlogException if one is no note
     */
    List<Published> stated(int partition, long upToSize) throws SQLException {
        return run(
                "SELECT place, note FROM " + STATEMENTS + " WHERE partition_number = ? AND size <= ? ORDER BY place",
                statement -> {
                    statement.setInt(1, partition);
                    statement.setLong(2, upToSize);
                    List<Published> notes = new ArrayList<>();
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            notes.add(new Published(row.getLong(1), SignedNote.parse(row.getString(2))));
                        }
                    }
                    return notes;
                });
    }

    /** @param place offset on millrace.checkpoints */
    void keyStatement(int partition, long place, long size, SignedNote note) throws SQLException {
        run("INSERT INTO " + STATEMENTS + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", statement -> {
            statement.setInt(1, partition);
            statement.setLong(2, place);
            statement.setLong(3, size);
            statement.setString(4, note.toString());
            return statement.executeUpdate();
        });
    }
}
