package io.millrace.notifier;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A directory in which workers are registered in a line. */
final class KnownWorkers extends MemoryDirectory {

    private final Set<String> elsewhere = ConcurrentHashMap.newKeySet();

    /** @return the id that it got */
    UUID register(String name, List<String> workflowKinds, List<String> taskKinds) {
        return register(name, "", workflowKinds, taskKinds);
    }

    /** @return the id that it got */
    UUID register(String name, String host, List<String> workflowKinds, List<String> taskKinds) {
        return register(Principal.getDefaultInstance(), name, host, workflowKinds, taskKinds);
    }

    /** @return the id that it got */
    UUID register(Principal owner, String name, String host, List<String> workflowKinds, List<String> taskKinds) {
        UUID id = Shards.newId();
        register(WorkerRegistration.newBuilder()
                .setOrgId(Ids.toByteString(Stage.ORG))
                .setWorkerId(Ids.toByteString(id))
                .setPrincipal(owner)
                .setName(name)
                .setHostName(host)
                .setRegisteredAtMs(System.currentTimeMillis())
                .addAllWorkflowKinds(workflowKinds)
                .addAllTaskKinds(taskKinds)
                .build());
        seen(Stage.ORG, id.toString());
        return id;
    }

    /** Another node told that the worker lives there, and need not tell it again in the next minute. */
    void livesElsewhere(String workerId) {
        elsewhere.add(workerId);
    }

    @Override
    public long elsewhereUntilMs(UUID orgId, String workerId) {
        return elsewhere.contains(workerId) ? nowMs() + 60_000 : 0;
    }
}
