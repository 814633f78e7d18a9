package io.millrace.dispatcher.engine.command;

import java.util.UUID;

/**
 * What came with a command besides its body.
 *
 * @param commandId unique id of the command
 * @param orgId organisation in whose name it is carried out
 * @param timeMs clock of its writer, milliseconds since the epoch: the time asked for; of another partition that sent it, the
 *     time of that one
 * @param appendedMs when the broker took it in, milliseconds since the epoch
 * @param offset its place in the partition's log
 * @param maxHistoryBytes size beyond which a history must not grow; 0: the default
 * @param sentAgain another partition sent it before, perhaps
 * @param ofBulkJob it is for one item of a bulk job, and means the very run that it names, and no successor
 * @param asked hash of who asked for what, which enters those of the outcome; never changes
 * @param asker who asked
 * @param traceparent trace that it belongs to, as {@link io.millrace.proto.TraceContext} writes it; empty: none
 */
public record CommandMeta(
        UUID commandId,
        UUID orgId,
        long timeMs,
        long appendedMs,
        long offset,
        long maxHistoryBytes,
        boolean sentAgain,
        boolean ofBulkJob,
        byte[] asked,
        Asker asker,
        String traceparent) {

    private static final byte[] NOT_TOLD = new byte[32];

    /** Of a command that is sent once, by nobody in particular. */
    public CommandMeta(UUID commandId, UUID orgId, long timeMs, long appendedMs, long offset, long maxHistoryBytes) {
        this(commandId, orgId, timeMs, appendedMs, offset, maxHistoryBytes, false, false, NOT_TOLD, Asker.NOBODY);
    }

    /** Of a command that belongs to no trace. */
    public CommandMeta(
            UUID commandId,
            UUID orgId,
            long timeMs,
            long appendedMs,
            long offset,
            long maxHistoryBytes,
            boolean sentAgain,
            boolean ofBulkJob,
            byte[] asked,
            Asker asker) {
        this(commandId, orgId, timeMs, appendedMs, offset, maxHistoryBytes, sentAgain, ofBulkJob, asked, asker, "");
    }
}
