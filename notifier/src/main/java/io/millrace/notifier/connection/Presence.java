package io.millrace.notifier.connection;

import io.millrace.proto.directory.Directory;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Who has a poll open on this node. An open poll is a sign of life as long as it lasts. Safe from any thread. */
public final class Presence {

    private final Directory directory;
    private final Map<Sign, Integer> open = new ConcurrentHashMap<>();

    private record Sign(UUID orgId, String workerId) {}

    /** @param directory tells other nodes of the signs of life */
    public Presence(Directory directory) {
        this.directory = directory;
    }

    /** The worker begins to poll. */
    public void enter(Identity identity) {
        UUID orgId = identity.worker().orgId();
        identity.signs().forEach(id -> open.merge(new Sign(orgId, id), 1, Integer::sum));
        note(identity);
    }

    /** A poll of the worker is over. */
    public void leave(Identity identity) {
        UUID orgId = identity.worker().orgId();
        identity.signs()
                .forEach(id ->
                        open.computeIfPresent(new Sign(orgId, id), (sign, polls) -> polls == 1 ? null : polls - 1));
    }

    /** The worker gave a sign of life. */
    public void note(Identity identity) {
        UUID orgId = identity.worker().orgId();
        identity.signs().forEach(id -> directory.seen(orgId, id));
    }

    /** Notes a sign of life of all who have a poll open. */
    public void refresh() {
        open.keySet().forEach(sign -> directory.seen(sign.orgId, sign.workerId));
    }

    /** @return whether a poll is open here that is a sign of life of the worker */
    boolean has(UUID orgId, String workerId) {
        return open.containsKey(new Sign(orgId, workerId));
    }
}
