package io.millrace.ingest.http;

import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.UUID;

/** Tells which workers of an organisation live, as far as all nodes heard of them. Used for one answer. */
final class SignsOfLife {

    /** A worker gives a sign of life once in a minute at least, by a poll or a heartbeat; one may get lost. */
    private static final long ONLINE_MS = 120_000;

    private final Directory directory;
    private final UUID orgId;
    private final long nowMs = System.currentTimeMillis();

    SignsOfLife(Directory directory, UUID orgId) {
        this.directory = directory;
        this.orgId = orgId;
    }

    /**
     * Some SDKs name themselves in their calls by the id, some by the name.
     *
     * @return milliseconds since the epoch; 0: never
     */
    long lastSeenMs(WorkerRegistration worker) {
        String id = Ids.fromBytes(worker.getWorkerId()).toString();
        String name = Principals.bound(worker.getName(), worker.getPrincipal());
        long seenMs = Math.max(directory.lastSeenMs(orgId, id), directory.lastSeenMs(orgId, name));
        return seenMs == 0 ? 0 : nowMs - (directory.nowMs() - seenMs);
    }

    boolean lives(WorkerRegistration worker) {
        return Math.max(worker.getRegisteredAtMs(), lastSeenMs(worker)) >= nowMs - ONLINE_MS;
    }
}
