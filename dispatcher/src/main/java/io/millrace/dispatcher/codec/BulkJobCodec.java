package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.Command.AdvanceBulkJob;
import io.millrace.dispatcher.engine.command.Command.BeginBulkJob;
import io.millrace.dispatcher.engine.command.Command.ClaimBulkJob;
import io.millrace.dispatcher.engine.command.Command.OfBulkJob;
import io.millrace.dispatcher.engine.command.Command.SteerBulkJob;
import io.millrace.dispatcher.engine.command.Command.Steering;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;

/** Turns records about bulk jobs into commands of the engine, and how one stands into its answer. */
final class BulkJobCodec {

    private BulkJobCodec() {}

    static OfBulkJob decode(CommandRecord record) {
        return switch (record.getBodyCase()) {
            case BEGIN_BULK_JOB -> {
                var c = record.getBeginBulkJob();
                yield new BeginBulkJob(
                        Ids.fromBytes(c.getJobId()),
                        new BulkJob.Definition(
                                c.getAction(),
                                c.getQuery(),
                                c.getRate(),
                                c.getForceAfterMs(),
                                c.getExpected(),
                                c.getReason(),
                                c.getRequestedBy(),
                                c.getRole(),
                                c.getCredential(),
                                0,
                                CommandDecoder.sorted(c.getHowMap())));
            }
            case STEER_BULK_JOB -> {
                var c = record.getSteerBulkJob();
                yield new SteerBulkJob(
                        Ids.fromBytes(c.getJobId()),
                        switch (c.getSteering()) {
                            case PAUSE -> Steering.PAUSE;
                            case RESUME -> Steering.RESUME;
                            case STOP -> Steering.STOP;
                            case STEERING_UNSPECIFIED, UNRECOGNIZED ->
                                throw new IllegalArgumentException(
                                        "expected to pause, resume or stop a bulk job, but the command says none of"
                                                + " these");
                        },
                        c.getReason(),
                        c.getRequestedBy(),
                        CommandDecoder.expectedVersion(c.hasExpectedVersion(), c.getExpectedVersion()));
            }
            case CLAIM_BULK_JOB -> {
                var c = record.getClaimBulkJob();
                yield new ClaimBulkJob(Ids.fromBytes(c.getJobId()), c.getRunner(), c.getLeaseMs());
            }
            case ADVANCE_BULK_JOB -> {
                var c = record.getAdvanceBulkJob();
                yield new AdvanceBulkJob(
                        Ids.fromBytes(c.getJobId()),
                        c.getClaim(),
                        c.getLeaseMs(),
                        new BulkJob.Progress(
                                c.getCursorMs(),
                                Ids.fromBytesOrNull(c.getCursorId()),
                                c.getDone(),
                                c.getRefused(),
                                c.getSkipped()),
                        c.getLast(),
                        c.getFailure());
            }
            default ->
                throw new IllegalArgumentException(
                        "expected a command about a bulk job, but got " + record.getBodyCase());
        };
    }

    static void encode(ReplyRecord.BulkJobState.Builder reply, boolean changed, BulkJob job) {
        BulkJob.Progress progress = job.progress();
        BulkJob.Definition what = job.definition();
        reply.setAction(what.action())
                .setQuery(what.query())
                .setRate(what.rate())
                .setForceAfterMs(what.forceAfterMs())
                .setReason(what.reason())
                .setRequestedBy(what.requestedBy())
                .setRole(what.role())
                .setCredential(what.credential())
                .setBegunMs(what.begunMs())
                .putAllHow(what.how())
                .setVersion(job.version())
                .setChanged(changed)
                .setStatus(job.status().name())
                .setClaim(job.claim().number())
                .setCursorMs(progress.cursorMs())
                .setDone(progress.done())
                .setRefused(progress.refused())
                .setSkipped(progress.skipped());
        if (progress.cursorId() != null) {
            reply.setCursorId(Ids.toByteString(progress.cursorId()));
        }
    }
}
