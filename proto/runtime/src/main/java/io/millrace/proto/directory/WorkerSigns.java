package io.millrace.proto.directory;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.WorkerSeen;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;
import java.util.function.UnaryOperator;

/** The signs of life of workers, in memory. Records come from one thread, look-ups and signs from any. */
final class WorkerSigns {

    /** Keys on the topic begin so. */
    static final String OF_WORKERS = "seen";

    private final Map<WorkerName, Sign> signs = new ConcurrentHashMap<>();
    private final DirectoryUse use;
    private final ByteString teller;

    /**
     * A worker's signs of life.
     *
     * @param seen the last one
     * @param elsewhereMs the last one that others told of; 0: none
     * @param beats whether the worker sends heartbeats
     */
    private record Sign(Told seen, long elsewhereMs, boolean beats) {
        static final Sign NONE = new Sign(Told.NEVER, 0, false);
    }

    /**
     * @param use counts the signs of each organisation
     * @param teller stands for this process in what it tells
     */
    WorkerSigns(DirectoryUse use, ByteString teller) {
        this.use = use;
        this.teller = teller;
    }

    static String key(WorkerSeen record) {
        return key(Ids.fromBytes(record.getOrgId()), record.getWorkerId());
    }

    static String key(UUID orgId, String workerId) {
        return OF_WORKERS + "/" + orgId + "/" + workerId;
    }

    /** @return the record that tells others; nothing if they were told less than the interval ago */
    Optional<DirectoryRecord> note(WorkerName worker, long nowMs, long intervalMs) {
        boolean[] due = new boolean[1];
        Sign sign = change(worker, before -> {
            due[0] = before.seen.isDue(nowMs, intervalMs);
            return new Sign(before.seen.here(nowMs, intervalMs), before.elsewhereMs, before.beats);
        });
        return !due[0]
                ? Optional.empty()
                : Optional.of(DirectoryRecord.newBuilder()
                        .setWorkerSeen(WorkerSeen.newBuilder()
                                .setOrgId(Ids.toByteString(worker.orgId()))
                                .setWorkerId(worker.name())
                                .setSeenAtMs(nowMs)
                                .setBeats(sign.beats)
                                .setTeller(teller))
                        .build());
    }

    /** Notes that others may not have heard of the last one. */
    void untold(WorkerName worker) {
        signs.computeIfPresent(worker, (key, sign) -> new Sign(sign.seen.untold(), sign.elsewhereMs, sign.beats));
    }

    /** Notes that the worker sends heartbeats. */
    void beating(WorkerName worker) {
        change(worker, sign -> new Sign(sign.seen, sign.elsewhereMs, true));
    }

    /** @param heardMs from a time by another node's clock to the time, by this node's clock, at which this node heard of it */
    void accept(WorkerSeen record, LongUnaryOperator heardMs) {
        boolean own = record.getTeller().equals(teller);
        // What this node told is known here, by its own clock.
        long seenMs = own ? 0 : heardMs.applyAsLong(record.getSeenAtMs());
        change(
                new WorkerName(Ids.fromBytes(record.getOrgId()), record.getWorkerId()),
                known -> new Sign(
                        known.seen.elsewhere(seenMs),
                        Math.max(known.elsewhereMs, seenMs),
                        known.beats || record.getBeats()));
    }

    private Sign change(WorkerName worker, UnaryOperator<Sign> change) {
        return signs.compute(worker, (key, known) -> {
            if (known == null) {
                use.of(worker.orgId()).signs().incrementAndGet();
            }
            return change.apply(known == null ? Sign.NONE : known);
        });
    }

    void remove(WorkerName worker) {
        if (signs.remove(worker) != null) {
            use.of(worker.orgId()).signs().decrementAndGet();
        }
    }

    boolean has(WorkerName worker) {
        return signs.containsKey(worker);
    }

    /** Tells of each worker when its last sign of life was. */
    void forEach(BiConsumer<WorkerName, Long> seenMs) {
        signs.forEach((worker, sign) -> seenMs.accept(worker, sign.seen.lastMs()));
    }

    /** @return time of the last sign of life; 0: none known */
    long seenMs(WorkerName worker) {
        return sign(worker).seen.lastMs();
    }

    /** @return time of the last sign of life that another node told of, by this node's clock; 0: none known */
    long elsewhereMs(WorkerName worker) {
        return sign(worker).elsewhereMs;
    }

    boolean beats(WorkerName worker) {
        return sign(worker).beats;
    }

    private Sign sign(WorkerName worker) {
        return signs.getOrDefault(worker, Sign.NONE);
    }
}
