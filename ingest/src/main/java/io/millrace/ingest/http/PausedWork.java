package io.millrace.ingest.http;

import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.time.Instant;
import java.util.Collection;

/** Pauses of queues and kinds, as people read them. */
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
        return "since " + Instant.ofEpochMilli(pause.getSinceMs()) + " by " + pause.getBy()
                + (pause.getReason().isEmpty() ? "" : ", because: " + pause.getReason());
    }
}
