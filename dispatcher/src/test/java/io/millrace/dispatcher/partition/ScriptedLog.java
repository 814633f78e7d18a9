package io.millrace.dispatcher.partition;

import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.errors.TimeoutException;

/** The log of one partition as a consumer gives it out: what it has read ahead still comes after it was moved. */
final class ScriptedLog implements LogCursor {

    private static final int READ_AHEAD = 3;

    private final TreeMap<Long, byte[]> records = new TreeMap<>();
    private final TreeMap<Long, MacVerdict> verdicts = new TreeMap<>();
    private final Deque<Long> readAhead = new ArrayDeque<>();
    private final List<Long> seeks = new ArrayList<>();
    private List<OutcomeRecord> outcomes = List.of();
    private long position;
    private boolean held;
    private int asked;
    private boolean away;

    /** From here on Kafka does not answer, or does again. */
    void away(boolean isAway) {
        away = isAway;
    }

    /** Puts a record behind the last one. */
    void append(byte[] record) {
        records.put(end(), record);
    }

    /** Loses records, as if somebody had deleted them. */
    void lose(long from, long to) {
        records.subMap(from, to).clear();
    }

    /** Loses all from the offset on. */
    void cut(long from) {
        records.tailMap(from).clear();
    }

    /** A consumer begins anew at the offset that its group committed. */
    void begin(long offset) {
        readAhead.clear();
        held = false;
        position = offset;
    }

    /** @return offset of the next record, -1 if there is none */
    long next() {
        while (readAhead.size() < READ_AHEAD && !held && records.ceilingKey(position) != null) {
            long offset = records.ceilingKey(position);
            readAhead.add(offset);
            position = offset + 1;
        }
        Long next = readAhead.poll();
        return next == null ? -1 : next;
    }

    /** @return when the broker took the record in, milliseconds since the epoch */
    static long appendedMs(long offset) {
        return 1_000_000 + offset * 100;
    }

    byte[] record(long offset) {
        return records.get(offset);
    }

    /** @return how often Kafka was asked where it begins */
    int asked() {
        return asked;
    }

    /** @return where it was moved, in order */
    List<Long> seeks() {
        return seeks;
    }

    @Override
    public void seek(long offset) {
        seeks.add(offset);
        position = offset;
    }

    @Override
    public void hold(long offset) {
        position = offset;
        held = true;
    }

    @Override
    public Optional<Entry> at(long offset) {
        if (away) {
            throw new TimeoutException("Kafka is away");
        }
        return Optional.ofNullable(records.get(offset)).map(value -> new Entry(value, appendedMs(offset)));
    }

    @Override
    public long start() {
        asked++;
        return records.isEmpty() ? 0 : records.firstKey();
    }

    @Override
    public long end() {
        return records.isEmpty() ? 0 : records.lastKey() + 1;
    }

    /** These outcomes stand on the events topic, and those that are added to the list. */
    void outcomes(List<OutcomeRecord> these) {
        outcomes = these;
    }

    @Override
    public Optional<OutcomeRecord> lastOutcome() {
        return outcomes.isEmpty() ? Optional.empty() : Optional.of(outcomes.getLast());
    }

    /** The outcome of the command at the offset has this verdict. */
    void verdict(long offset, MacVerdict verdict) {
        verdicts.put(offset, verdict);
    }

    @Override
    public MacVerdict verdict(long offset) {
        return verdicts.getOrDefault(offset, MacVerdict.MAC_UNCHECKED);
    }

    @Override
    public void close() {}
}
