package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.StreamTaskDataResponse;
import io.millrace.proto.v1.HeartbeatTask;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.TaskStreamRecord;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Takes in what running tasks stream out, which is a sign of life too. Safe from any thread, never blocks. */
public final class StreamOperations {

    private static final int REMEMBERED_SOURCES = 50_000;

    private final TaskStreams streams;
    private final Payloads payloads;
    private final TaskOwners owners;
    private final Checks checks;
    private final CommandSender sender;
    private final ScopeGuard guard;
    private final long pauseNanos;
    private final Map<Source, Stream> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Stream> eldest) {
            return size() > REMEMBERED_SOURCES;
        }
    };

    /** @param taskLease usual lease of a task; in a quarter of it a caller's stream prolongs it once at the most */
    StreamOperations(
            TaskStreams streams,
            Payloads payloads,
            TaskOwners owners,
            Checks checks,
            CommandSender sender,
            Duration taskLease,
            ScopeGuard guard) {
        this.streams = streams;
        this.payloads = payloads;
        this.owners = owners;
        this.checks = checks;
        this.sender = sender;
        this.guard = guard;
        this.pauseNanos = taskLease.toNanos() / 4;
    }

    /** Passes a piece on; {@code acknowledged} is false where more comes than can be passed on. */
    public CompletableFuture<StreamTaskDataResponse> stream(Request request, StreamTaskDataRequest asked) {
        UUID taskId = checks.id("task_execution_id", asked.getTaskExecutionId());
        UUID workflowId = asked.getWorkflowExecutionId().isEmpty()
                ? null
                : checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        if (asked.getType() == StreamEventType.STREAM_EVENT_TYPE_UNSPECIFIED
                || asked.getType() == StreamEventType.UNRECOGNIZED) {
            throw RefusedException.invalid(
                    "expected TOKEN, PROGRESS, DATA or ERROR as type, but got " + asked.getTypeValue());
        }
        checks.json("payload", ByteString.copyFromUtf8(asked.getPayload()));
        UUID orgId = request.caller().orgId();
        return guard.ofTask(request.caller(), taskId, () -> stream(request, taskId))
                .thenCompose(stream -> {
                    UUID owner = stream.owner;
                    if (workflowId != null && !workflowId.equals(owner)) {
                        throw RefusedException.invalid("expected the workflow of task " + taskId
                                + " as workflow_execution_id, but got " + workflowId);
                    }
                    return payloads.streamed(orgId, owner, asked.getPayload()).thenApply(payload -> {
                        boolean taken = streams.publish(TaskStreamRecord.newBuilder()
                                .setOrgId(Ids.toByteString(orgId))
                                .setExecutionId(Ids.toByteString(owner))
                                .setTaskId(Ids.toByteString(taskId))
                                .setSequence(asked.getSequence())
                                .setType(asked.getType())
                                .setPayload(payload)
                                .setTimestampMs(asked.getTimestampMs())
                                .build());
                        signOfLife(request, taskId, stream);
                        return StreamTaskDataResponse.newBuilder()
                                .setAcknowledged(taken)
                                .build();
                    });
                });
    }

    /**
     * No engine looks at what is streamed, so that the task is of the caller's organisation is found out here, once for each task and
     * caller.
     */
    private CompletableFuture<Stream> stream(Request request, UUID taskId) {
        UUID orgId = request.caller().orgId();
        Source source = new Source(orgId, taskId, streamer(request.caller().principal()));
        Stream remembered;
        synchronized (known) {
            remembered = known.get(source);
        }
        if (remembered != null) {
            return CompletableFuture.completedFuture(remembered);
        }
        return owners.task(orgId, taskId).thenApply(task -> {
            Stream stream = new Stream(TaskOwners.owner(taskId, task), begun(task.getStartedAtMs()));
            synchronized (known) {
                known.put(source, stream);
            }
            return stream;
        });
    }

    /** @return as {@link System#nanoTime}, since the time of day may be set while the stream goes on */
    private long begun(long startedMs) {
        long ageNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - startedMs);
        return System.nanoTime() - Math.clamp(ageNanos, 0, pauseNanos);
    }

    /** The engine hears of streams only by this. If it does not reach the log, a later piece tries again. */
    private void signOfLife(Request request, UUID taskId, Stream stream) {
        long now = System.nanoTime();
        long before = stream.beatNanos.get();
        if (now - before >= pauseNanos && stream.beatNanos.compareAndSet(before, now)) {
            sender.tell(
                    Shards.of(stream.owner),
                    sender.command(request)
                            .setHeartbeatTask(HeartbeatTask.newBuilder()
                                    .setTaskId(Ids.toByteString(taskId))
                                    .setExecutionId(Ids.toByteString(stream.owner))));
        }
    }

    /** Type, id and what was shown: the engine ignores the heartbeats of others, and perhaps those with another key. */
    private static Principal streamer(Principal caller) {
        return caller.toBuilder().clearRole().build();
    }

    /** Who else streams must not use up the signs of life of who holds the task. */
    private record Source(UUID orgId, UUID taskId, Principal streamer) {}

    private static final class Stream {
        private final UUID owner;
        /** When the caller last prolonged the task's lease, as far as is known here. */
        private final AtomicLong beatNanos;

        private Stream(UUID owner, long begunNanos) {
            this.owner = owner;
            this.beatNanos = new AtomicLong(begunNanos);
        }
    }
}
