package io.millrace.ingest.http;

import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.UUID;

/**
 * Workers of an organisation that registered a kind, as far as all nodes heard of them.
 *
 * @param living how many live
 * @param lastSeenMs when one of them was seen last, milliseconds since the epoch; 0: never
 */
record KindWorkers(int living, long lastSeenMs) {

    /** @param tasks whether it is a kind of tasks */
    static KindWorkers of(Directory directory, UUID orgId, boolean tasks, String kind) {
        SignsOfLife signs = new SignsOfLife(directory, orgId);
        int living = 0;
        long lastSeenMs = 0;
        for (WorkerRegistration worker : directory.workers(orgId)) {
            List<String> kinds = tasks ? worker.getTaskKindsList() : worker.getWorkflowKindsList();
            if (kinds.contains(kind)) {
                living += signs.lives(worker) ? 1 : 0;
                lastSeenMs = Math.max(lastSeenMs, signs.lastSeenMs(worker));
            }
        }
        return new KindWorkers(living, lastSeenMs);
    }
}
