package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkSubject.Type;
import io.millrace.dispatcher.engine.command.WorkType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which of the ready work may be handed out now, as the policies say, and as far as there are places. Where an organisation has no
 * policy that is all of it, and costs one look-up. On the partition's thread.
 */
public final class Handout {

    /** Values that begin with the same so many characters are one group. */
    private static final int GROUP_CHARS = 255;

    private final ReadyIndex ready;
    private final PolicyStore policies;
    private final PlaceStore places;

    Handout(ReadyIndex ready, PolicyStore policies, PlaceStore places) {
        this.ready = ready;
        this.policies = policies;
        this.places = places;
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

    /** @return how many ready items of the queue fit that no pause holds back, whatever its limit; kinds counts only where anyKind is false */
    public int fitting(QueueKey queue, Collection<String> kinds, boolean anyKind) {
        int[] fitting = {0};
        unpaused(queue, (kind, count, headOrderMs) -> fitting[0] += anyKind || kinds.contains(kind) ? count : 0);
        return fitting[0];
    }

    /** @return how much ready work of the queue, of both types and of any kind, no pause holds back, whatever its limit */
    public int fitting(UUID orgId, String queue) {
        int fitting = 0;
        for (WorkType type : WorkType.values()) {
            fitting += fitting(new QueueKey(orgId, type, queue), List.of(), true);
        }
        return fitting;
    }

    /**
     * Places that are awaited already may be for other work, as far as there is any. So one that waits is not passed over until a place
     * has come for another.
     *
     * @param fitting how much ready work whoever asks would take
     * @param all how much there is, for whomever
     * @param awaited places that were asked for and have not come
     * @param most how many may be awaited at once
     * @return for how many places more may be asked; 0 or less: for none
     */
    public static long askable(int fitting, int all, long awaited, int most) {
        long forThese = Math.max(0, awaited - (all - fitting));
        return Math.min(fitting - forThese, most - awaited);
    }

    /**
     * Shows each kind that has ready items which may be handed out, in the order of their names. Of a queue with a limit these are as
     * many as there are spare places. Without one, it is as many as may still be asked for, since only who asks brings places here.
     */
    public void kinds(QueueKey queue, ReadyIndex.KindVisitor visitor) {
        QueuePlaces here = places.get(queue.orgId(), queue.queue());
        if (here == null) {
            unpaused(queue, visitor);
            return;
        }
        WorkPolicy.Limit limit = policies.get(queue.orgId(), new WorkSubject(Type.QUEUE, queue.queue()))
                .limit();
        int most = limit == null ? 0 : limit.mostAsked();
        // Of this type of work only: a level is told anew when work of its own type comes and goes.
        int all = here.spare() > 0 ? 0 : fitting(queue, List.of(), true);
        unpaused(queue, (kind, count, headOrderMs) -> {
            long shown = here.spare() > 0 ? Math.min(count, here.spare()) : askable(count, all, here.awaited(), most);
            if (shown > 0) {
                visitor.visit(kind, (int) shown, headOrderMs);
            }
        });
    }

    private void unpaused(QueueKey queue, ReadyIndex.KindVisitor visitor) {
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

    /** @return among which of those that are handed out in turn a piece of work stands that comes into the queue now; empty: in no group */
    String group(QueueKey queue, Map<String, String> metadata) {
        Map<WorkSubject, WorkPolicy> said = policies.of(queue.orgId());
        WorkPolicy policy = said == null ? null : said.get(new WorkSubject(Type.QUEUE, queue.queue()));
        String key =
                policy == null || policy.limit() == null ? "" : policy.limit().fairKey();
        String value = key.isEmpty() ? null : metadata.get(key);
        return value == null ? "" : "=" + beginning(value);
    }

    /** Never half a character, which could not be stored. */
    private static String beginning(String value) {
        return value.length() <= GROUP_CHARS
                ? value
                : value.substring(0, GROUP_CHARS - (Character.isHighSurrogate(value.charAt(GROUP_CHARS - 1)) ? 1 : 0));
    }

    /** How much of the queue may be handed out is not what it was. */
    void changed(UUID orgId, String queue) {
        for (WorkType type : WorkType.values()) {
            QueueKey key = new QueueKey(orgId, type, queue);
            if (ready.has(key)) {
                ready.say(key);
            }
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
