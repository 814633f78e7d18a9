package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** What operators look at: health, readiness, workers, queues, the read model, and the description of this API. */
final class OperatorRoutes {

    /** A worker gives a sign of life once in a minute at least, by a poll or a heartbeat; one may get lost. */
    private static final long ONLINE_MS = 120_000;

    private final Reads reads;
    private final Directory directory;
    private final ExecutionQueries queries;

    OperatorRoutes(Reads reads, Directory directory, ExecutionQueries queries) {
        this.reads = reads;
        this.directory = directory;
        this.queries = queries;
    }

    HttpReply health() {
        return HttpReply.json(200, Json.object(json -> json.text("status", "UP")));
    }

    HttpReply ready(Supplier<Optional<String>> notReady) {
        Optional<String> reason = notReady.get();
        return reason.isEmpty()
                ? HttpReply.json(200, Json.object(json -> json.text("status", "READY")))
                : HttpErrors.reply(503, "UNAVAILABLE", reason.get()).with(Map.of("Retry-After", "1"));
    }

    HttpReply metrics(Supplier<String> metrics) {
        return new HttpReply(
                200, "text/plain; version=0.0.4; charset=utf-8", ByteString.copyFromUtf8(metrics.get()), null, Map.of());
    }

    HttpReply openApi() {
        try (InputStream in = OperatorRoutes.class.getResourceAsStream("openapi.json")) {
            return HttpReply.json(200, ByteString.readFrom(in));
        } catch (IOException e) {
            throw new UncheckedIOException("expected openapi.json among the resources, but could not read it", e);
        }
    }

    HttpReply workers(HttpCall call) {
        UUID orgId = call.request().caller().orgId();
        long since = System.currentTimeMillis() - ONLINE_MS;
        return HttpReply.json(
                200, Json.object(json -> json.objects("workers", directory.workers(orgId), (item, worker) -> {
                    String id = Ids.fromBytes(worker.getWorkerId()).toString();
                    item.text("id", id)
                            .text("name", worker.getName())
                            .text("version", worker.getVersion())
                            .text("type", worker.getType())
                            .text("hostName", worker.getHostName())
                            .text("processId", worker.getProcessId())
                            .list("workflowKinds", worker.getWorkflowKindsList())
                            .list("taskKinds", worker.getTaskKindsList())
                            .text("status", lives(orgId, id, worker, since) ? "ONLINE" : "OFFLINE")
                            .time("registeredAt", worker.getRegisteredAtMs())
                            .time("lastSeenAt", lastSeen(orgId, id, worker));
                })));
    }

    HttpReply queues(HttpCall call) {
        ListQueuesResponse parts = reads.queues(call.request().caller().orgId()).join();
        Map<QueueKey, Depth> depths = new TreeMap<>(
                Comparator.comparing(QueueKey::queue).thenComparing(QueueKey::workType));
        for (ListQueuesResponse.Queue part : parts.getQueuesList()) {
            depths.merge(
                    new QueueKey(part.getQueue(), part.getWorkType()),
                    new Depth(part.getReady(), part.getOldestReadyAtMs()),
                    Depth::and);
        }
        long now = System.currentTimeMillis();
        return HttpReply.json(200, Json.object(json -> json.objects("queues", depths.entrySet(), (item, entry) -> {
            long oldest = entry.getValue().oldestMs();
            item.text("queue", entry.getKey().queue())
                    .text("workType", entry.getKey().workType().name())
                    .number("ready", entry.getValue().ready())
                    .time("oldestReadyAt", oldest)
                    .number("oldestAgeMs", oldest == 0 ? 0 : Math.max(0, now - oldest));
        })));
    }

    HttpReply readModel(HttpCall call) {
        ReadModelLag lag = queries.lag().join();
        return HttpReply.json(
                200,
                Json.object(json -> json.number("lagRecords", lag.records()).number("lagMillis", lag.millis())));
    }

    /** Some SDKs name themselves in their calls by the id, some by the name. */
    private long lastSeen(UUID orgId, String id, WorkerRegistration worker) {
        return Math.max(directory.lastSeenMs(orgId, id), directory.lastSeenMs(orgId, worker.getName()));
    }

    private boolean lives(UUID orgId, String id, WorkerRegistration worker, long since) {
        return Math.max(worker.getRegisteredAtMs(), lastSeen(orgId, id, worker)) >= since;
    }

    private record QueueKey(String queue, WorkType workType) {}

    private record Depth(long ready, long oldestMs) {

        Depth and(Depth other) {
            long oldest = oldestMs == 0 || other.oldestMs == 0
                    ? Math.max(oldestMs, other.oldestMs)
                    : Math.min(oldestMs, other.oldestMs);
            return new Depth(ready + other.ready, oldest);
        }
    }
}
