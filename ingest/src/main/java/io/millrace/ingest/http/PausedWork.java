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
     * @return how much of the queue is handed out at the most and how much workers have, since when, by whom and why, as a sentence
     *     that says "held back" only where there is no room; empty where that is not limited
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
            limits.add(said.inHand() + " of " + limit.getInFlight() + " in flight");
        }
        if (limit.getRate() > 0) {
            limits.add(
                    "at most " + limit.getRate() + " in a second, and " + limit.getBurst() + " at once after a lull");
        }
        if (limits.isEmpty()) {
            return ""; // turns hold nothing back
        }
        boolean full = limit.getInFlight() > 0 && said.inHand() >= limit.getInFlight();
        return "Its queue " + said.subject().getName()
                + (full ? " has a limit that leaves no room, so it is held back: " : " has a limit: ")
                + String.join(", ", limits) + ", "
                + since(limit.getSinceMs(), limit.getBy(), limit.getReason()) + ".";
    }
}
