package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.proto.Moment;
import io.millrace.proto.reads.PastWork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Queues and workers as they were at a moment. */
final class PastRoutes {

    private final Operations operations;

    PastRoutes(Operations operations) {
        this.operations = operations;
    }

    private record Queue(String name, boolean tasks) implements Comparable<Queue> {

        @Override
        public int compareTo(Queue other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : Boolean.compare(tasks, other.tasks);
        }
    }

    HttpReply queues(HttpCall call, Moment at) {
        Moments.expectAlone(call, Paging.CURSOR);
        Map<Queue, List<PastWork>> queues = new TreeMap<>();
        for (PastWork work : work(call, at)) {
            if (work.worker().isEmpty()) {
                queues.computeIfAbsent(new Queue(work.queue(), work.task()), queue -> new ArrayList<>())
                        .add(work);
            }
        }
        return HttpReply.json(
                200,
                Json.object(json -> json.time("at", ms(at)).objects("queues", queues.entrySet(), (item, queue) -> {
                    long oldest = queue.getValue().stream()
                            .mapToLong(PastWork::readySinceMs)
                            .min()
                            .orElse(0);
                    item.text("queue", queue.getKey().name())
                            .text("workType", queue.getKey().tasks() ? "TASK" : "WORKFLOW")
                            .number("ready", queue.getValue().size())
                            .time("oldestReadyAt", oldest)
                            .number("oldestAgeMs", Math.max(0, ms(at) - oldest));
                })));
    }

    private static long ms(Moment at) {
        return at instanceof Moment.Time time ? time.ms() : 0;
    }

    /** Who had work then: registrations are not recorded, but what workers were given is. */
    HttpReply workers(HttpCall call, Moment at) {
        Moments.expectAlone(call, "status", "limit", Paging.CURSOR);
        Map<String, List<PastWork>> workers = new TreeMap<>();
        for (PastWork work : work(call, at)) {
            if (!work.worker().isEmpty()) {
                workers.computeIfAbsent(work.worker(), worker -> new ArrayList<>())
                        .add(work);
            }
        }
        return HttpReply.json(
                200,
                Json.object(json -> json.time("at", ms(at))
                        .objects(
                                "workers",
                                workers.entrySet(),
                                (item, worker) -> item.text("id", worker.getKey())
                                        .objects("work", worker.getValue(), PastRoutes::held))));
    }

    private static void held(Json item, PastWork work) throws IOException {
        item.text("workType", work.task() ? "TASK" : "WORKFLOW")
                .text("queue", work.queue())
                .text("kind", work.kind())
                .id("id", work.id())
                .id("executionId", work.executionId())
                .time("leaseUntil", work.untilMs());
    }

    private List<PastWork> work(HttpCall call, Moment at) {
        return operations.past().work(call.asked().caller(), at).join();
    }
}
