package io.millrace.dispatcher.partition;

import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.errors.TimeoutException;

/** The log of one partition as a consumer gives it out: what it has read ahead still comes after it was moved. */
class ScriptedLog implements LogCursor {

    private static final int READ_AHEAD = 3;

    private final TreeMap<Long, byte[]> records = new TreeMap<>();
    private final Deque<Long> readAhead = new ArrayDeque<>();
    private final List<Long> seeks = new ArrayList<>();
    private List<OutcomeRecord> outcomes = List.of();
    private OutcomePlace state = new OutcomePlace(-1, OutcomeHashes.FIRST);
    /** Place in the list behind the outcome that was found last. */
    private int outcomesRead;

    private final Map<OutcomeRecord, MacVerdict> seals = new HashMap<>();
    private boolean sealedOnly;

    private long position;
    private boolean held;
    private int asked;
    private boolean away;
    private long paceMs = 100;

    /** From here on Kafka does not answer, or does again. */
    void away(boolean isAway) {
        away = isAway;
    }

    /** Lets so much time pass between two records, milliseconds. */
    void pace(long ms) {
        paceMs = ms;
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
    long appendedMs(long offset) {
        return 1_000_000 + offset * paceMs;
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

    /** Whoever wrote this outcome sealed it so; all others have no seal. */
    void seal(OutcomeRecord outcome, MacVerdict seal) {
        seals.put(outcome, seal);
    }

    private boolean counts(OutcomeRecord outcome) {
        MacVerdict seal = seals.getOrDefault(outcome, MacVerdict.MAC_MISSING);
        return !sealedOnly || seal == MacVerdict.MAC_VALID || seal == MacVerdict.MAC_OF_UNKNOWN_KEY;
    }

    @Override
    public void lookBehind(OutcomePlace place, boolean sealed) {
        state = place;
        sealedOnly = sealed;
    }

    @Override
    public Optional<Unseen> unseen() {
        return next(state).map(next -> {
            OutcomeRecord last = next.outcome();
            for (OutcomeRecord outcome : outcomes) {
                last = counts(outcome) && OutcomePlace.of(last).isContinuedBy(outcome) ? outcome : last;
            }
            return new Unseen(next.outcome(), last);
        });
    }

    @Override
    public Optional<Recorded> next(OutcomePlace place) {
        for (int i = 0; i < outcomes.size(); i++) {
            OutcomeRecord outcome = outcomes.get(i);
            if (counts(outcome) && place.isContinuedBy(outcome)) {
                outcomesRead = i + 1;
                return Optional.of(new Recorded(outcome, seals.getOrDefault(outcome, MacVerdict.MAC_MISSING)));
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean standsBehind(OutcomePlace outcome) {
        return outcomes.subList(outcomesRead, outcomes.size()).stream()
                .filter(this::counts)
                .anyMatch(outcome::isOf);
    }

    @Override
    public void close() {}
}
