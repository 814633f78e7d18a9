package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bulk jobs of a partition that have not ended. All of them are in memory: an organisation has few at a time. Changes wait for the
 * next flush. On the partition's thread.
 */
public final class BulkJobStore {

    private static final int FORM = 3;

    private final Storage storage;
    private final Map<UUID, Map<UUID, BulkJob>> jobs = new HashMap<>();
    private final Set<Key> unflushed = new LinkedHashSet<>();

    private record Key(UUID orgId, UUID jobId) {

        byte[] stored() {
            return Bytes.writer().rawId(orgId).rawId(jobId).finish();
        }

        static Key read(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            return new Key(in.rawId(), in.rawId());
        }
    }

    BulkJobStore(Storage storage) {
        this.storage = storage;
        storage.scan(Table.BULK_JOBS, new byte[0], (stored, value) -> {
            Key key = DamagedRecordException.guard(Table.BULK_JOBS, stored, () -> Key.read(stored));
            enter(key.orgId(), DamagedRecordException.guard(Table.BULK_JOBS, stored, () -> decode(key.jobId(), value)));
            return true;
        });
    }

    /** @return the job, null if the organisation has none of the id that has not ended */
    public @Nullable BulkJob get(UUID orgId, UUID jobId) {
        Map<UUID, BulkJob> ofOrg = jobs.get(orgId);
        return ofOrg == null ? null : ofOrg.get(jobId);
    }

    /** @return how many the organisation has */
    public int count(UUID orgId) {
        return jobs.getOrDefault(orgId, Map.of()).size();
    }

    void put(UUID orgId, BulkJob job) {
        enter(orgId, job);
        unflushed.add(new Key(orgId, job.id()));
    }

    private void enter(UUID orgId, BulkJob job) {
        if (!job.status().ended()) {
            jobs.computeIfAbsent(orgId, unknown -> new HashMap<>()).put(job.id(), job);
            return;
        }
        jobs.computeIfPresent(orgId, (org, left) -> {
            left.remove(job.id());
            return left.isEmpty() ? null : left;
        });
    }

    void flush() {
        unflushed.forEach(key -> {
            BulkJob job = get(key.orgId(), key.jobId());
            storage.put(Table.BULK_JOBS, key.stored(), job == null ? null : encode(job));
        });
        unflushed.clear();
    }

    private static byte[] encode(BulkJob job) {
        BulkJob.Definition what = job.definition();
        BulkJob.Progress progress = job.progress();
        Bytes out = Bytes.writer()
                .u8(FORM)
                .text(what.action())
                .text(what.query())
                .i32(what.rate())
                .i64(what.forceAfterMs())
                .i64(what.expected())
                .text(what.reason())
                .text(what.requestedBy())
                .text(what.role())
                .text(what.credential())
                .i64(what.begunMs())
                .u8(job.status().ordinal())
                .text(job.statusBy())
                .text(job.statusReason())
                .text(job.claim().runner())
                .i64(job.claim().number())
                .i64(job.claim().untilMs())
                .i64(progress.done())
                .i64(progress.refused())
                .i64(progress.skipped())
                .i64(progress.cursorMs())
                .u8(progress.cursorId() == null ? 0 : 1);
        if (progress.cursorId() != null) {
            out.rawId(progress.cursorId());
        }
        return out.texts(what.how()).i64(job.version()).finish();
    }

    private static BulkJob decode(UUID id, byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        int form = in.u8();
        if (form != 1 && form != 2) { // in the first only its action said how, in the second none had a version
            Versions.expect(form, FORM, "bulk job");
        }
        BulkJob.Definition definition = new BulkJob.Definition(
                in.text(), in.text(), in.i32(), in.i64(), in.i64(), in.text(), in.text(), in.text(), in.text(),
                in.i64(), Map.of());
        BulkJob.Status status = BulkJob.Status.values()[in.u8()];
        String by = in.text();
        String reason = in.text();
        BulkJob.Claim claim = new BulkJob.Claim(in.text(), in.i64(), in.i64());
        long done = in.i64();
        long refused = in.i64();
        long skipped = in.i64();
        long cursorMs = in.i64();
        UUID cursorId = in.u8() == 0 ? null : in.rawId();
        return new BulkJob(
                id,
                form == 1 ? definition : definition.with(in.texts()),
                status,
                by,
                reason,
                claim,
                new BulkJob.Progress(cursorMs, cursorId, done, refused, skipped),
                form < FORM ? 0 : in.i64());
    }
}
