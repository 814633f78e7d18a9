package io.millrace.proto;

import java.util.UUID;

/** Where it is decided how work may be handed out: in the partition of what the policy is about. */
public final class WorkSubjects {

    private WorkSubjects() {}

    /**
     * @param type name of the type in {@code millrace.v1.WorkSubject.Type}
     * @param name of the queue or kind, or id of the worker
     * @return the key by which the policy is at home
     */
    public static String homeKey(String type, String name) {
        return type + "/" + name;
    }

    /** @return number of the partition where the policy is at home */
    public static int home(UUID orgId, String type, String name, int partitions) {
        return Shards.partition(Shards.of(orgId, homeKey(type, name)), partitions);
    }
}
