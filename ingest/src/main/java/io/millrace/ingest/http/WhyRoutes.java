package io.millrace.ingest.http;

import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Why a workflow or a task stands where it does, and whether a worker lives that could take what waits for one. */
final class WhyRoutes {

    private final Operations operations;
    private final Directory directory;
    private final Dismissals dismissals;

    WhyRoutes(Operations operations, ExecutionQueries queries, Directory directory) {
        this.operations = operations;
        dismissals = new Dismissals(queries);
        this.directory = directory;
    }

    private record Takers(WhyView.Work work, KindWorkers workers, QueuePollers pollers) {}

    /** What has left the dispatcher is told of from the read model. */
    HttpReply workflow(HttpCall call) {
        Caller caller = call.asked().caller();
        String id = call.part("id");
        WhyView why = operations
                .history()
                .why(caller, id)
                .thenCompose(found -> found.map(CompletableFuture::completedFuture)
                        .orElseGet(() -> operations.past().whyOfWorkflow(caller, id)))
                .join();
        return reply(
                call, dismissed(why, dismissals.ofWorkflow(caller.orgId(), UUID.fromString(id), why.getDeliveries())));
    }

    HttpReply task(HttpCall call) {
        Caller caller = call.asked().caller();
        String id = call.part("id");
        WhyView why = operations.past().whyOfTask(caller, id).join();
        return reply(
                call,
                dismissed(
                        why.getReadyCount() == 0 ? why : withPauses(caller, why),
                        dismissals.ofTask(caller.orgId(), UUID.fromString(id))));
    }

    /** Whoever asks why is told that somebody has looked already. */
    private static WhyView dismissed(WhyView why, CompletableFuture<@Nullable Dismissal> found) {
        Dismissal dismissal = found.join();
        if (dismissal == null) {
            return why;
        }
        return why.toBuilder()
                .setSentence(why.getSentence() + " It was dismissed as a dead letter by " + dismissal.by() + " at "
                        + Instant.ofEpochMilli(dismissal.atMs()) + ": " + dismissal.reason())
                .build();
    }

    /** The events of a task do not tell whether its queue or kind is paused. */
    private WhyView withPauses(Caller caller, WhyView why) {
        Collection<SaidOfWork> said = operations.policies().list(caller).join();
        StringBuilder sentence = new StringBuilder(why.getSentence());
        for (WhyView.Work work : why.getReadyList()) {
            pause(sentence, "queue", said, WorkSubject.Type.QUEUE, work.getQueue());
            pause(sentence, "task kind", said, WorkSubject.Type.TASK_KIND, work.getKind());
            String limit = PausedWork.limit(said, work.getQueue());
            sentence.append(limit.isEmpty() ? "" : " ").append(limit);
        }
        return why.toBuilder().setSentence(sentence.toString()).build();
    }

    private static void pause(
            StringBuilder sentence, String what, Collection<SaidOfWork> said, WorkSubject.Type type, String name) {
        String paused = PausedWork.text(said, type, name);
        if (!paused.isEmpty()) {
            sentence.append(" It is not handed out: ")
                    .append(what)
                    .append(' ')
                    .append(name)
                    .append(" is paused ")
                    .append(paused)
                    .append('.');
        }
    }

    private HttpReply reply(HttpCall call, WhyView why) {
        Caller caller = call.asked().caller();
        UUID orgId = caller.orgId();
        List<Takers> takers = new ArrayList<>();
        StringBuilder sentence = new StringBuilder(why.getSentence());
        for (WhyView.Work work : why.getReadyList()) {
            KindWorkers workers = KindWorkers.of(directory, orgId, work.getWorkType() == WorkType.TASK, work.getKind());
            QueuePollers pollers = QueuePollers.of(directory, caller, work.getQueue(), work.getWorkType());
            takers.add(new Takers(work, workers, pollers));
            if (workers.living() == 0) {
                sentence.append(" No worker is known to live that registered the ")
                        .append(work.getWorkType() == WorkType.TASK ? "task" : "workflow")
                        .append(" kind ")
                        .append(work.getKind())
                        .append('.');
            }
            String unpolled = pollers.sentence(work.getQueue(), work.getWorkType() == WorkType.TASK);
            sentence.append(unpolled.isEmpty() ? "" : " ").append(unpolled);
        }
        return HttpReply.json(
                200,
                Json.object(json -> json.text("sentence", sentence.toString())
                        .raw("facts", why.getFacts())
                        .objects(
                                "workers",
                                takers,
                                (item, found) -> item.text(
                                                "workType",
                                                found.work().getWorkType().name())
                                        .text("queue", found.work().getQueue())
                                        .text("kind", found.work().getKind())
                                        .number("living", found.workers().living())
                                        .time("lastSeenAt", found.workers().lastSeenMs())
                                        .flagOrNull("polled", found.pollers().polledOrNull())
                                        .time("lastPolledAt", found.pollers().lastMs())
                                        .list("polledQueues", found.pollers().others()))));
    }
}
