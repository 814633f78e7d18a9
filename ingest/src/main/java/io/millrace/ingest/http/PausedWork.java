package io.millrace.ingest.http;

import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Pauses of queues and kinds, and limits of queues, as people read them. */
final class PausedWork {

    private PausedWork() {}

    /**
     * @param said all that is said of work of an organisation
     * @return since when nothing of the subject is handed out, by whom and why; empty where it is handed out
     */
    static String text(Collection<SaidOfWork> said, WorkSubject.Type type, String name) {
        return said.stream()
                .filter(one -> one.subject().getType() == type
                        && one.subject().getName().equals(name)
                        && one.policy().hasPause())
                .map(one -> text(one.policy().getPause()))
                .findFirst()
                .orElse("");
    }

    private static String text(WorkPolicy.Pause pause) {
        return since(pause.getSinceMs(), pause.getBy(), pause.getReason());
    }

    private static String since(long sinceMs, String by, String reason) {
        return "since " + Instant.ofEpochMilli(sinceMs) + " by " + by
                + (reason.isEmpty() ? "" : ", because: " + reason);
    }

    /**
     * @param said all that is said of work of an organisation
     * @return how much of the queue is handed out at the most and how much workers have, since when, by whom and why, as a sentence;
     *     empty where that is not limited
     */
    static String limit(Collection<SaidOfWork> said, String queue) {
        return said.stream()
                .filter(one -> one.subject().getType() == WorkSubject.Type.QUEUE
                        && one.subject().getName().equals(queue)
                        && one.policy().hasLimit())
                .map(PausedWork::limit)
                .findFirst()
                .orElse("");
    }

    private static String limit(SaidOfWork said) {
        WorkLimit limit = said.policy().getLimit();
        List<String> limits = new ArrayList<>();
        if (limit.getInFlight() > 0) {
            limits.add("at most " + limit.getInFlight() + " are in flight, and " + said.inHand()
                    + (said.inHand() == 1 ? " is" : " are"));
        }
        if (limit.getRate() > 0) {
            limits.add(
                    "at most " + limit.getRate() + (limit.getRate() == 1 ? " is" : " are") + " handed out in a second");
        }
        if (!limit.getFairKey().isEmpty()) {
            limits.add("work is handed out in turn by " + limit.getFairKey());
        }
        boolean full = limit.getInFlight() > 0 && said.inHand() >= limit.getInFlight();
        return (full ? "It is held back by the limit of queue " : "There is a limit of queue ")
                + said.subject().getName() + ": " + String.join("; ", limits) + ", "
                + since(limit.getSinceMs(), limit.getBy(), limit.getReason()) + ".";
    }
}
