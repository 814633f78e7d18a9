package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkSubject.Type;
import io.millrace.dispatcher.engine.command.WorkType;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which of the ready work may be handed out now, as the policies say. Where an organisation has none that is all of it, and costs one
 * look-up. On the partition's thread.
 */
public final class Handout {

    private final ReadyIndex ready;
    private final PolicyStore policies;

    Handout(ReadyIndex ready, PolicyStore policies) {
        this.ready = ready;
        this.policies = policies;
    }

    /** @return the first item of the queue that fits and may be handed out, or null; kinds counts only where anyKind is false */
    public @Nullable ReadyItem first(QueueKey queue, Collection<String> kinds, boolean anyKind) {
        Map<WorkSubject, WorkPolicy> said = policies.of(queue.orgId());
        if (said == null) {
            return ready.first(queue, kinds, anyKind);
        }
        return paused(said, Type.QUEUE, queue.queue())
                ? null
                : ready.first(queue, kinds, anyKind, kind -> !paused(said, kindType(queue.workType()), kind));
    }

    /** @return whether the worker is to get nothing */
    public boolean isDrained(UUID orgId, String workerId) {
        Map<WorkSubject, WorkPolicy> said = policies.of(orgId);
        return said != null && paused(said, Type.WORKER, workerId);
    }

    /** Shows each kind that has ready items which may be handed out, in the order of their names. */
    public void kinds(QueueKey queue, ReadyIndex.KindVisitor visitor) {
        Map<WorkSubject, WorkPolicy> said = policies.of(queue.orgId());
        if (said == null) {
            ready.kinds(queue, visitor);
        } else if (!paused(said, Type.QUEUE, queue.queue())) {
            ready.kinds(queue, (kind, count, headOrderMs) -> {
                if (!paused(said, kindType(queue.workType()), kind)) {
                    visitor.visit(kind, count, headOrderMs);
                }
            });
        }
    }

    /** How much of some work may be handed out is not what it was: whoever waits for it has to be told. */
    void changed(UUID orgId, WorkSubject subject) {
        for (QueueKey queue : ready.nonEmpty()) {
            if (queue.orgId().equals(orgId)
                    && switch (subject.type()) {
                        case QUEUE -> queue.queue().equals(subject.name());
                        case WORKFLOW_KIND, TASK_KIND ->
                            kindType(queue.workType()) == subject.type()
                                    && ready.depths(queue).containsKey(subject.name());
                        case WORKER -> false; // of others there is as much as before
                    }) {
                ready.say(queue);
            }
        }
    }

    private static boolean paused(Map<WorkSubject, WorkPolicy> said, Type type, String name) {
        WorkPolicy policy = said.get(new WorkSubject(type, name));
        return policy != null && policy.pause() != null;
    }

    private static Type kindType(WorkType workType) {
        return switch (workType) {
            case WORKFLOW -> Type.WORKFLOW_KIND;
            case TASK -> Type.TASK_KIND;
        };
    }
}
