package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkType;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Why work waits in a queue: how much and how long, who could take it, and how much came and was taken of late. */
final class QueueWhyRoutes {

    private static final int MINUTES = 10;
    /** Of so many kinds that wait it is told who could take them. */
    private static final int KINDS = 20;

    private final Operations operations;
    private final Reads reads;
    private final ExecutionQueries queries;
    private final Directory directory;

    QueueWhyRoutes(Operations operations, Reads reads, ExecutionQueries queries, Directory directory) {
        this.operations = operations;
        this.reads = reads;
        this.queries = queries;
        this.directory = directory;
    }

    HttpReply why(HttpCall call) {
        Caller caller = call.asked().caller();
        String queue = call.part("queue");
        Collection<SaidOfWork> said = operations.policies().list(caller).join();
        QueuePart.Key before = new QueuePart.Key(queue, WorkType.WORK_TYPE_UNSPECIFIED);
        ListQueuesResponse depths =
                reads.queues(caller.orgId(), new QueuePart.Asked(before, 2)).join();
        Asked workflows = asked(caller.orgId(), queue, false);
        Asked tasks = asked(caller.orgId(), queue, true);
        QueueWhy why = new QueueWhy(
                queue,
                PausedWork.text(said, WorkSubject.Type.QUEUE, queue),
                PausedWork.limit(said, queue),
                MINUTES,
                List.of(work(caller, queue, workflows, depths, said), work(caller, queue, tasks, depths, said)));
        return HttpReply.json(
                200,
                Json.object(json -> json.text("sentence", why.sentence(System.currentTimeMillis()))
                        .text("queue", queue)
                        .number("minutes", MINUTES)
                        .objects("work", why.work(), QueueWhyRoutes::write)));
    }

    private static void write(Json json, QueueWhy.Work work) throws IOException {
        json.text("workType", work.tasks() ? "TASK" : "WORKFLOW")
                .number("ready", work.ready())
                .time("oldestReadyAt", work.oldestMs())
                .flagOrNull("polled", work.pollers().polledOrNull())
                .time("lastPolledAt", work.pollers().lastMs())
                .list("polledQueues", work.pollers().others())
                .flag("readModelAnswers", work.pace() != null);
        QueueWhy.Pace pace = work.pace();
        if (pace == null) {
            return;
        }
        json.number("held", pace.held())
                .number("came", pace.came())
                .number("taken", pace.taken())
                .number("ended", pace.ended())
                .objects(
                        "kinds",
                        pace.takers(),
                        (item, takers) -> item.text("kind", takers.kind())
                                .number("pending", takers.pending())
                                .number("living", takers.living())
                                .time("lastSeenAt", takers.lastSeenMs()));
    }

    /** What the read model is asked of one kind of work, all at once. */
    private record Asked(
            boolean tasks,
            CompletableFuture<Counts> pending,
            CompletableFuture<Counts> held,
            CompletableFuture<Counts> came,
            CompletableFuture<Counts> taken,
            CompletableFuture<Counts> ended) {}

    private Asked asked(UUID orgId, String queue, boolean tasks) {
        return new Asked(
                tasks,
                count(orgId, queue, tasks, ExecutionStatus.PENDING, ""),
                count(orgId, queue, tasks, ExecutionStatus.RUNNING, ""),
                count(orgId, queue, tasks, null, "created"),
                count(orgId, queue, tasks, null, "started"),
                count(orgId, queue, tasks, null, "ended"));
    }

    private QueueWhy.Work work(
            Caller caller, String queue, Asked asked, ListQueuesResponse depths, Collection<SaidOfWork> said) {
        WorkType type = asked.tasks() ? WorkType.TASK : WorkType.WORKFLOW;
        long ready = 0;
        long oldestMs = 0;
        for (ListQueuesResponse.Queue part : depths.getQueuesList()) {
            if (part.getQueue().equals(queue) && part.getWorkType() == type) {
                ready += part.getReady();
                oldestMs = oldestMs == 0 ? part.getOldestReadyAtMs() : Math.min(oldestMs, part.getOldestReadyAtMs());
            }
        }
        return new QueueWhy.Work(
                asked.tasks(),
                ready,
                oldestMs,
                QueuePollers.of(directory, caller, queue, type),
                pace(caller.orgId(), asked, said));
    }

    /** @return null where the read model does not answer: how much waits is told all the same */
    private QueueWhy.@Nullable Pace pace(UUID orgId, Asked asked, Collection<SaidOfWork> said) {
        try {
            List<QueueWhy.Takers> takers = asked.pending().join().groups().stream()
                    .limit(KINDS)
                    .map(group -> takers(orgId, asked.tasks(), group, said))
                    .toList();
            return new QueueWhy.Pace(
                    asked.held().join().total(),
                    asked.came().join().total(),
                    asked.taken().join().total(),
                    asked.ended().join().total(),
                    takers);
        } catch (CompletionException e) {
            if (Failures.cause(e) instanceof UnavailableException) {
                return null;
            }
            throw e;
        }
    }

    /** @param since field of a time that is not longer ago than some minutes; empty: whenever */
    private CompletableFuture<Counts> count(
            UUID orgId, String queue, boolean tasks, @Nullable ExecutionStatus status, String since) {
        Subject subject = tasks ? Subject.TASKS : Subject.WORKFLOWS;
        Search search = since.isEmpty() ? Search.all(subject) : Search.parse(subject, since + " > -" + MINUTES + "m");
        return tasks
                ? queries.taskCounts(orgId, new TaskFilter(status, null, queue, null, search), Grouping.KIND)
                : queries.executionCounts(
                        orgId, new ExecutionFilter(status, null, queue, Map.of(), search), Grouping.KIND);
    }

    private QueueWhy.Takers takers(UUID orgId, boolean tasks, Counts.Group group, Collection<SaidOfWork> said) {
        KindWorkers workers = KindWorkers.of(directory, orgId, tasks, group.value());
        WorkSubject.Type type = tasks ? WorkSubject.Type.TASK_KIND : WorkSubject.Type.WORKFLOW_KIND;
        return new QueueWhy.Takers(
                group.value(),
                group.count(),
                workers.living(),
                workers.lastSeenMs(),
                PausedWork.text(said, type, group.value()));
    }
}
