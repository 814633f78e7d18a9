package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Notes in the log who reads payloads, before they are given, where that is wanted. Workers are not noted: what they are handed
 * stands in the log anyway. Safe from any thread, never blocks.
 */
public final class PayloadReads {

    /** Kind of the notes. */
    public static final String KIND = "payloads_read";

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final CommandLog log;
    private final boolean wanted;

    /** @param wanted false: nothing is noted */
    public PayloadReads(CommandLog log, boolean wanted) {
        this.log = log;
        this.wanted = wanted;
    }

    /**
     * @param executionId id of a workflow or a task, as the request has it; one that is no id is refused later
     * @return completes once the engine has taken the note; exceptionally if it has not in time, or refuses it as rules before 3 do,
     *     and then nothing may be given
     */
    public CompletableFuture<Void> note(Request request, String executionId) {
        UUID id = wanted ? Ids.parse(executionId).orElse(null) : null;
        if (id == null || request.caller().principal().getType() == Principal.Type.WORKER) {
            return DONE;
        }
        return log.askPartition(
                        Shards.partition(id, log.partitions()),
                        CommandHeader.of(request.caller(), request.traceparent(), log.node())
                                .setRecordNote(RecordNote.newBuilder()
                                        .setKind(KIND)
                                        .setExecutionId(Ids.toByteString(id))
                                        .putDetails("request", request.method())))
                .thenAccept(reply -> {
                    if (reply.hasRefusal()) {
                        throw new UnavailableException(
                                "expected it to stand in the log who reads payloads, but the note was refused, as by rules before 3: "
                                        + reply.getRefusal().getText());
                    }
                });
    }
}
