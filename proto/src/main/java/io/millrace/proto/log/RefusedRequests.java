package io.millrace.proto.log;

import io.millrace.proto.Excerpt;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;

/**
 * Notes in the log what was refused before it became a command, like everything else that was asked. Safe from any thread;
 * nobody waits for the record.
 */
public final class RefusedRequests {

    private static final int MAX_TEXT_CHARS = 1_000;

    private final CommandLog log;

    /** @param log where refusals are appended */
    public RefusedRequests(CommandLog log) {
        this.log = log;
    }

    /**
     * Notes a refusal.
     *
     * @param caller who asked; strangers are not noted
     * @param method full name of the gRPC method, or the HTTP method and path template
     * @param traceparent trace context of the caller, or the empty text
     * @param text as the caller sees it, without payloads and keys
     */
    public void note(Caller caller, String method, String traceparent, RefusalReason reason, String text) {
        RecordRefusal.Builder body = RecordRefusal.newBuilder()
                .setMethod(method)
                .setReason(reason.name())
                .setText(text(text));
        int shard = Shards.of(caller.orgId(), method);
        log.tell(
                Shards.partition(shard, log.partitions()),
                CommandHeader.of(caller, traceparent, log.node()).setRecordRefusal(body));
    }

    /** @return a refusal's text as it stands in the log: of bounded length */
    public static String text(String text) {
        return Excerpt.of(text, MAX_TEXT_CHARS);
    }
}
