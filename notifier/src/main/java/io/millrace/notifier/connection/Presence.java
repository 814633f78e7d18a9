package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.directory.Directory;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Who has a poll open on this node. An open poll is a sign of life as long as it lasts. Safe from any thread. */
public final class Presence {

    private final Directory directory;
    private final Map<Sign, Integer> open = new ConcurrentHashMap<>();
    private final Map<WorkQueue, Integer> queues = new ConcurrentHashMap<>();

    private record Sign(UUID orgId, String workerId) {}

    /** @param directory tells other nodes of the signs of life */
    public Presence(Directory directory) {
        this.directory = directory;
    }

    /** The worker begins to poll the queue. */
    public void enter(Identity identity, WorkQueue queue) {
        UUID orgId = identity.worker().orgId();
        if (queues.merge(queue, 1, Integer::sum) == 1) {
            polled(queue);
        }
        identity.signs().forEach(id -> open.merge(new Sign(orgId, id), 1, Integer::sum));
        note(identity);
    }

    /** A poll of the worker is over, of the queue that it entered. */
    public void leave(Identity identity, WorkQueue queue) {
        UUID orgId = identity.worker().orgId();
        queues.computeIfPresent(queue, (key, polls) -> polls == 1 ? null : polls - 1);
        identity.signs()
                .forEach(id ->
                        open.computeIfPresent(new Sign(orgId, id), (sign, polls) -> polls == 1 ? null : polls - 1));
    }

    /** The worker gave a sign of life. */
    public void note(Identity identity) {
        UUID orgId = identity.worker().orgId();
        identity.signs().forEach(id -> directory.seen(orgId, id));
    }

    private void polled(WorkQueue queue) {
        directory.polled(queue.orgId(), queue.queue(), queue.workType());
    }

    /** Notes a sign of life of all who have a poll open, and which queues they poll. */
    public void refresh() {
        queues.keySet().forEach(this::polled);
        open.keySet().forEach(sign -> directory.seen(sign.orgId, sign.workerId));
    }

    /** @return whether a poll is open here that is a sign of life of the worker */
    boolean has(UUID orgId, String workerId) {
        return open.containsKey(new Sign(orgId, workerId));
    }
}
