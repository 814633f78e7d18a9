package io.millrace.dispatcher.engine.command;

import io.millrace.proto.WorkSubjects;

/**
 * What a policy of handing out is about.
 *
 * @param name of the queue or kind, or id of the worker, in its organisation
 */
public record WorkSubject(Type type, String name) {

    /** What there are policies of. The order of the constants is part of the stored form. */
    public enum Type {
        /** All work of a queue, workflows and tasks. */
        QUEUE,
        WORKFLOW_KIND,
        TASK_KIND,
        /** What the worker of that id gets: one that is paused is drained. */
        WORKER
    }

    /** @return the subject whose policy is at home by the key */
    public static WorkSubject of(String homeKey) {
        int end = homeKey.indexOf('/');
        return new WorkSubject(Type.valueOf(homeKey.substring(0, end)), homeKey.substring(end + 1));
    }

    /** @return the key by which the policy is at home */
    public String homeKey() {
        return WorkSubjects.homeKey(type.name(), name);
    }
}
