package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Anchor;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.Break;
import io.millrace.ingest.audit.trail.ChainKey;
import io.millrace.ingest.audit.trail.CommandReader;
import io.millrace.ingest.audit.trail.LogCheck;
import io.millrace.proto.v1.OutcomeRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what comes from the events topic against its commands, and against what the database has already. One thread. */
final class CheckedLog {

    private final Written written;
    private final CommandReader commands;
    private final LogCheck check;

    /** Where what was taken in before is in the database. */
    interface Written {

        /** @return the database; nobody else uses it until the next is handed over */
        Connection connection() throws SQLException, RefusedRowsException;
    }

    /**
     * @param written is asked where the database has to tell something
     * @param check nothing else may use it
     */
    CheckedLog(Written written, CommandReader commands, LogCheck check) {
        this.check = check;
        this.written = written;
        this.commands = commands;
    }

    /**
     * Begins with a partition where the database stands.
     *
     * @param anchor null: with whatever comes next
     */
    void begin(int partition, @Nullable Anchor anchor) {
        check.begin(partition, anchor);
    }

    /** All that was checked is written, or will be before the database is handed over. */
    void batchBegins() {
        check.settled();
    }

    /** @return the records, each with what is to be thought of it */
    List<Checked> check(List<Incoming> records) throws SQLException, RefusedRowsException {
        Map<Integer, CommandReader.Range> wanted = wanted(records);
        Map<Integer, Map<Long, Asked>> asked = wanted.isEmpty() ? Map.of() : commands.read(wanted);
        learnHeads(records);
        List<Checked> checked = new ArrayList<>(records.size());
        for (Incoming record : records) {
            int partition = record.partition();
            if (record.outcome() == null) {
                checked.add(new Checked(record, null, null, check.anchor(partition)));
                continue;
            }
            Asked command =
                    asked.getOrDefault(partition, Map.of()).get(record.outcome().getCommandOffset());
            Break broken = check.check(partition, record.outcome(), command, record.seal());
            checked.add(new Checked(record, command, broken, check.anchor(partition)));
        }
        return checked;
    }

    /** All from the one that comes next to the last that an outcome names, which is not far unless it is forged. */
    private Map<Integer, CommandReader.Range> wanted(List<Incoming> records) {
        Map<Integer, CommandReader.Range> wanted = new HashMap<>();
        for (Incoming record : records) {
            if (record.outcome() != null) {
                long named = record.outcome().getCommandOffset();
                Anchor anchor = check.anchor(record.partition());
                long first = anchor == null ? Math.max(0, named) : anchor.nextCommand();
                CommandReader.Range range =
                        wanted.getOrDefault(record.partition(), new CommandReader.Range(first, first));
                long last = Math.min(range.from() + 2L * records.size(), Math.max(range.to(), named));
                wanted.put(record.partition(), new CommandReader.Range(range.from(), last));
            }
        }
        return wanted;
    }

    private void learnHeads(List<Incoming> records) throws SQLException, RefusedRowsException {
        List<OutcomeRecord> outcomes =
                records.stream().map(Incoming::outcome).filter(Objects::nonNull).toList();
        Set<ChainKey> unknown = check.unknown(outcomes);
        if (!unknown.isEmpty()) {
            ChainHeads.of(written.connection(), unknown).forEach(check::learn);
        }
    }
}
