package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.LogBreak;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Moment;
import io.millrace.proto.Names;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/** What operators look at: health, readiness, workers, queues, the read model, and the description of this API. */
final class OperatorRoutes {

    private static final Comparator<Cursor> OLDEST_FIRST =
            Comparator.comparingLong(Cursor::value).thenComparing(Cursor::id);

    /** So many take little more than a MB, whatever their names are. */
    private static final int QUEUES_AT_ONCE = 1_000;

    private static final List<WorkType> WORK = List.of(WorkType.WORKFLOW, WorkType.TASK);

    private final Reads reads;
    private final Directory directory;
    private final ExecutionQueries queries;
    private final PastRoutes past;

    private final Operations operations;

    OperatorRoutes(Reads reads, Directory directory, ExecutionQueries queries, Operations operations, PastRoutes past) {
        this.reads = reads;
        this.directory = directory;
        this.queries = queries;
        this.operations = operations;
        this.past = past;
    }

    HttpReply health(HttpCall call, NodeStatus status) {
        return HttpReply.json(200, ByteString.copyFromUtf8(status.health(call.near())));
    }

    HttpReply ready(HttpCall call, NodeStatus status) {
        Optional<String> reason = status.waitsFor();
        return reason.isEmpty()
                ? HttpReply.json(200, ByteString.copyFromUtf8(status.ready(call.near())))
                : HttpErrors.reply(503, "UNAVAILABLE", reason.get()).with(Map.of("Retry-After", "1"));
    }

    HttpReply metrics(Supplier<String> metrics) {
        return new HttpReply(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                ByteString.copyFromUtf8(metrics.get()),
                null,
                Map.of());
    }

    HttpReply openApi() {
        try (InputStream in = OperatorRoutes.class.getResourceAsStream("openapi.json")) {
            return HttpReply.json(200, ByteString.readFrom(in));
        } catch (IOException e) {
            throw new UncheckedIOException("expected openapi.json among the resources, but could not read it", e);
        }
    }

    /** Ordered by the time of registration, the newest first, as other lists are. */
    HttpReply workers(HttpCall call) {
        Optional<Moment> at = Moments.asked(call);
        if (at.isPresent()) {
            return past.workers(call, at.get());
        }
        UUID orgId = call.asked().caller().orgId();
        Boolean online = call.parameter("status").map(OperatorRoutes::online).orElse(null);
        PageRequest page = Paging.of(call);
        SignsOfLife signs = new SignsOfLife(directory, orgId);
        List<WorkerRegistration> workers = directory.workers(orgId).stream()
                .filter(worker -> online == null || online == signs.lives(worker))
                .filter(worker -> page.after() == null || OLDEST_FIRST.compare(place(worker), page.after()) < 0)
                .sorted(Comparator.comparing(OperatorRoutes::place, OLDEST_FIRST.reversed()))
                .limit(page.limit() + 1L)
                .toList();
        Map<String, SaidOfWork> said = new HashMap<>();
        operations.policies().list(call.asked().caller()).join().stream()
                .filter(each -> each.subject().getType() == WorkSubject.Type.WORKER)
                .forEach(each -> said.put(each.subject().getName(), each));
        boolean more = workers.size() > page.limit();
        return Paging.reply(
                "workers",
                Page.of(more ? workers.subList(0, page.limit()) : workers, OperatorRoutes::place, more),
                (item, worker) -> {
                    item.text("id", id(worker))
                            .text("name", worker.getName())
                            .text("version", worker.getVersion())
                            .text("type", worker.getType())
                            .text("hostName", worker.getHostName())
                            .text("processId", worker.getProcessId())
                            .list("workflowKinds", worker.getWorkflowKindsList())
                            .list("taskKinds", worker.getTaskKindsList())
                            .text("status", signs.lives(worker) ? "ONLINE" : "OFFLINE")
                            .time("registeredAt", worker.getRegisteredAtMs())
                            .time("lastSeenAt", signs.lastSeenMs(worker));
                    PolicyRoutes.writeWorker(
                            item,
                            said.getOrDefault(id(worker), SaidOfWork.nothing(WorkSubject.Type.WORKER, id(worker))));
                });
    }

    /** Queues with ready work, and those of which something is said, by name and kind of work. */
    HttpReply queues(HttpCall call) {
        Optional<Moment> at = Moments.asked(call);
        if (at.isPresent()) {
            return past.queues(call, at.get());
        }
        QueuePart.Key after =
                call.parameter(Paging.CURSOR).map(OperatorRoutes::queueAfter).orElse(null);
        Caller caller = call.asked().caller();
        ListQueuesResponse parts = reads.queues(caller.orgId(), new QueuePart.Asked(after, QUEUES_AT_ONCE))
                .join();
        NavigableMap<QueuePart.Key, Depth> depths = depths(parts);
        QueuePart.Key last = parts.getMore() && !depths.isEmpty() ? depths.lastKey() : null;
        Map<String, SaidOfWork> said = new HashMap<>();
        operations.policies().list(caller).join().stream()
                .filter(each -> each.subject().getType() == WorkSubject.Type.QUEUE)
                .forEach(each -> said.put(each.subject().getName(), each));
        Optional<Set<QueuePart.Key>> polled = QueuePollers.polled(directory, caller.orgId());
        said.keySet()
                .forEach(queue -> WORK.stream()
                        .map(workType -> new QueuePart.Key(queue, workType))
                        .filter(key -> (after == null || key.compareTo(after) > 0)
                                && (last == null || key.compareTo(last) < 0))
                        .forEach(key -> depths.putIfAbsent(key, Depth.NONE)));
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("queues", depths.entrySet(), (item, entry) -> {
                            String queue = entry.getKey().queue();
                            item.text("queue", queue)
                                    .text("workType", entry.getKey().workType().name());
                            entry.getValue().write(item);
                            item.flagOrNull(
                                    "polled",
                                    polled.map(all -> all.contains(entry.getKey()))
                                            .orElse(null));
                            PolicyRoutes.writeQueue(
                                    item, said.getOrDefault(queue, SaidOfWork.nothing(WorkSubject.Type.QUEUE, queue)));
                        })
                        .text(Paging.NEXT, last == null ? null : written(last))));
    }

    /** One queue, whether or not there is work in it: nobody makes queues. */
    HttpReply queue(HttpCall call) {
        String queue = call.part("queue");
        Caller caller = call.asked().caller();
        SaidOfWork said =
                operations.policies().get(caller, WorkSubject.Type.QUEUE, queue).join();
        // No kind of work is in front of all that there are.
        QueuePart.Key before = new QueuePart.Key(queue, WorkType.WORK_TYPE_UNSPECIFIED);
        NavigableMap<QueuePart.Key, Depth> depths =
                depths(reads.queues(caller.orgId(), new QueuePart.Asked(before, WORK.size()))
                        .join());
        return HttpReply.json(200, Json.object(json -> {
            json.text("queue", queue).objects("work", WORK, (item, workType) -> {
                item.text("workType", workType.name());
                depths.getOrDefault(new QueuePart.Key(queue, workType), Depth.NONE)
                        .write(item);
            });
            PolicyRoutes.writeQueue(json, said);
        }));
    }

    private static NavigableMap<QueuePart.Key, Depth> depths(ListQueuesResponse parts) {
        NavigableMap<QueuePart.Key, Depth> depths = new TreeMap<>();
        for (ListQueuesResponse.Queue part : parts.getQueuesList()) {
            depths.merge(QueuePart.Key.of(part), new Depth(part.getReady(), part.getOldestReadyAtMs()), Depth::and);
        }
        return depths;
    }

    private static String written(QueuePart.Key queue) {
        return queue.workType().name() + "_" + queue.queue();
    }

    private static QueuePart.Key queueAfter(String cursor) {
        for (WorkType workType : WORK) {
            String begin = workType.name() + "_";
            if (cursor.startsWith(begin)) {
                String queue = cursor.substring(begin.length());
                if (!queue.isEmpty()
                        && Names.fault(Paging.CURSOR, queue, Names.MAX_CHARS).isEmpty()) {
                    return new QueuePart.Key(queue, workType);
                }
            }
        }
        throw RefusedException.invalid(
                "expected the nextCursor of an earlier answer as cursor, but got " + Checks.shown(cursor));
    }

    HttpReply readModel(HttpCall call) {
        ReadModelLag lag = queries.lag().join();
        List<LogBreak> breaks = lag.breaks() == 0 ? List.of() : queries.breaks().join();
        return HttpReply.json(
                200,
                Json.object(json -> json.number("lagRecords", lag.records())
                        .number("lagMillis", lag.millis())
                        .number("passedOver", lag.passedOver())
                        .number("breaks", lag.breaks())
                        .objects(
                                "lastBreaks",
                                breaks,
                                (item, broken) -> item.number("partition", broken.partition())
                                        .number("offset", broken.offset())
                                        .text("kind", broken.kind()))));
    }

    private static String id(WorkerRegistration worker) {
        return Ids.fromBytes(worker.getWorkerId()).toString();
    }

    private static Cursor place(WorkerRegistration worker) {
        return new Cursor(worker.getRegisteredAtMs(), Ids.fromBytes(worker.getWorkerId()));
    }

    private static boolean online(String text) {
        return switch (text) {
            case "ONLINE" -> true;
            case "OFFLINE" -> false;
            default ->
                throw RefusedException.invalid("expected ONLINE or OFFLINE as status, but got " + Checks.shown(text));
        };
    }

    private record Depth(long ready, long oldestMs) {

        private static final Depth NONE = new Depth(0, 0);

        void write(Json json) throws IOException {
            json.number("ready", ready)
                    .time("oldestReadyAt", oldestMs)
                    .number("oldestAgeMs", oldestMs == 0 ? 0 : Math.max(0, System.currentTimeMillis() - oldestMs));
        }

        Depth and(Depth other) {
            long oldest = oldestMs == 0 || other.oldestMs == 0
                    ? Math.max(oldestMs, other.oldestMs)
                    : Math.min(oldestMs, other.oldestMs);
            return new Depth(ready + other.ready, oldest);
        }
    }
}
