package io.millrace.ingest.operations;

import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is said of how work of a subject is handed out.
 *
 * @param policy as the partition of the subject has it
 * @param inHand of a worker, how many executions and tasks it has in hand; of a queue with a limit, how many workers have of it
 * @param applied whether all partitions go by it; false: some still hand work out as before, until they have heard of it
 */
public record SaidOfWork(WorkSubject subject, WorkPolicy policy, int inHand, boolean applied) {

    /** @return that nothing is said of what has the name */
    public static SaidOfWork nothing(WorkSubject.Type type, String name) {
        return nothing(WorkSubject.newBuilder().setType(type).setName(name).build());
    }

    /** @return that nothing is said */
    static SaidOfWork nothing(WorkSubject subject) {
        return new SaidOfWork(subject, WorkPolicy.getDefaultInstance(), 0, true);
    }

    /**
     * Puts together what partitions go by.
     *
     * @param partitions how many there are
     */
    static Map<WorkSubject, SaidOfWork> of(ListPoliciesResponse answer, int partitions) {
        Map<WorkSubject, WorkPolicy> said = new LinkedHashMap<>();
        answer.getPoliciesList().forEach(followed -> {
            // Of what nothing is said any more no partition tells but those that have not heard of it.
            said.putIfAbsent(followed.getSubject(), WorkPolicy.getDefaultInstance());
            if (followed.getHome()) {
                said.put(followed.getSubject(), followed.getPolicy());
            }
        });
        Map<WorkSubject, Integer> following = new LinkedHashMap<>();
        answer.getPoliciesList().stream()
                .filter(followed -> followed.getPolicy().getVersion()
                        == said.getOrDefault(followed.getSubject(), WorkPolicy.getDefaultInstance())
                                .getVersion())
                .forEach(followed -> following.merge(followed.getSubject(), 1, Integer::sum));
        Map<WorkSubject, Integer> inHand = new LinkedHashMap<>();
        answer.getPoliciesList()
                .forEach(followed -> inHand.merge(followed.getSubject(), followed.getInHand(), Integer::sum));
        Map<WorkSubject, SaidOfWork> all = new LinkedHashMap<>();
        said.forEach((subject, policy) -> all.put(
                subject,
                new SaidOfWork(
                        subject,
                        policy,
                        inHand.getOrDefault(subject, 0),
                        following.getOrDefault(subject, 0) == partitions)));
        return all;
    }
}
