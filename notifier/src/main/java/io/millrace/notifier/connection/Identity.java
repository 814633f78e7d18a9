package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Who polls or subscribes.
 *
 * @param worker it
 * @param registrations those that it is, or may be; none: nobody knows it
 * @param kinds what it takes
 * @param signs the ids of which its calls are signs of life
 */
public record Identity(WorkerId worker, List<WorkerRegistration> registrations, WorkerKinds kinds, List<String> signs) {

    /** @return whether another node has told that it lives there, so lately that it may still do so */
    public boolean livesElsewhere(Directory directory) {
        long nowMs = directory.nowMs();
        return signs.stream().anyMatch(id -> directory.elsewhereUntilMs(worker.orgId(), id) > nowMs);
    }

    /** @return whether it calls itself by the UUID that the server gave it */
    public boolean usesItsUuid() {
        Optional<UUID> id = Ids.parse(worker.polledAs());
        return id.isPresent()
                && registrations.stream()
                        .anyMatch(each -> Ids.fromBytes(each.getWorkerId()).equals(id.get()));
    }
}
