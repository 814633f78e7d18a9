package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.RecordNote;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Notes in the log who reads payloads, before they are given, where that is wanted. Workers are noted as well: they may read what
 * was never handed to them. Safe from any thread, never blocks.
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
        return Ids.parse(executionId)
                .map(id -> note(
                        request,
                        Shards.partition(id, log.partitions()),
                        RecordNote.newBuilder().setExecutionId(Ids.toByteString(id))))
                .orElse(DONE);
    }

    /**
     * As above, of a read that is about no single execution, such as a list.
     *
     * @param about what it is about beside that, by the names of the parts of its path
     */
    public CompletableFuture<Void> note(Request request, Map<String, String> about) {
        RecordNote.Builder note = RecordNote.newBuilder();
        about.forEach((name, value) -> {
            if (!name.equals("slug")) {
                note.putDetails(name, value);
            }
        });
        return note(request, ThreadLocalRandom.current().nextInt(log.partitions()), note);
    }

    private CompletableFuture<Void> note(Request request, int partition, RecordNote.Builder note) {
        if (!wanted) {
            return DONE;
        }
        return log.askPartition(
                        partition,
                        CommandHeader.of(request.caller(), request.traceparent(), log.node())
                                .setRecordNote(note.setKind(KIND).putDetails("request", request.method())))
                .thenAccept(reply -> {
                    if (reply.hasRefusal()) {
                        throw new UnavailableException(
                                "expected it to stand in the log who reads payloads, but the note was refused, as by rules before 3: "
                                        + reply.getRefusal().getText());
                    }
                });
    }
}
