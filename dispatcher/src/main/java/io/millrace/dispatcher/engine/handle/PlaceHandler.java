package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.LendPlaces;
import io.millrace.dispatcher.engine.command.Command.TellPlaces;
import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.event.Event.PlacesChanged;
import io.millrace.dispatcher.engine.event.Event.PlacesLent;
import io.millrace.dispatcher.engine.state.Handout;
import io.millrace.dispatcher.engine.state.PlaceLender;
import io.millrace.dispatcher.engine.state.PlaceStore.LimitedQueue;
import io.millrace.proto.WorkSubjects;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Places of queues with a limit. A partition wants places when a worker asks for what it may not hand out. The partition of the queue
 * lends them, in turn, as the limit allows. A place goes back when the work is no worker's any more, or when nobody used it.
 */
public final class PlaceHandler {

    private static final long SECOND_NS = 1_000_000_000;
    private static final long MS_NS = 1_000_000;

    private PlaceHandler() {}

    /**
     * A worker asks for work of a queue that has no spare place here.
     *
     * @param fitting how much of it is ready that the worker takes
     */
    static void want(Draft draft, LimitedQueue queue, QueuePlaces now, int fitting) {
        Limit limit = limit(draft, queue);
        if (limit != null) {
            int all = draft.state().handout().fitting(queue.orgId(), queue.queue());
            long more = Handout.askable(fitting, all, now.awaited(), limit.mostAsked());
            if (more > 0) {
                change(draft, queue, limit, now.asking((int) more));
            }
        }
    }

    /** A limit that needs places has come, if the policy before had none. What workers have counts from the beginning. */
    static void begin(Draft draft, WorkSubject subject, WorkPolicy before, WorkPolicy policy) {
        Limit limit = policy.limit();
        if (subject.type() != WorkSubject.Type.QUEUE
                || limit == null
                || policy.epoch() == 0
                || policy.epoch() == before.epoch()) {
            return;
        }
        LimitedQueue queue = new LimitedQueue(draft.orgId(), subject.name());
        QueuePlaces begun = QueuePlaces.begin(policy.epoch(), draft.state().inFlight(queue.orgId(), queue.queue()));
        draft.event(new PlacesChanged(queue.orgId(), queue.queue(), begun));
        if (begun.begun() > 0) {
            tell(draft, queue, limit, begun);
        }
    }

    /** TellPlaces: a partition wants places, or gives some back. */
    public static Decision told(Draft draft, TellPlaces c) {
        LimitedQueue queue = new LimitedQueue(draft.orgId(), c.queue());
        Limit limit = limit(draft, queue);
        if (limit == null || limit.epoch() != c.epoch()) {
            return draft.answer(new Answer.Accepted(false));
        }
        PlaceLender lender = draft.state().places().lender(queue);
        if (lender == null) {
            lender = PlaceLender.begin(limit.epoch());
        }
        PlaceLine before = lender.lines().get(c.partition());
        PlaceLine now = before == null
                ? new PlaceLine(c.asked(), c.begun(), c.returned())
                : new PlaceLine(
                        Math.max(before.asked(), c.asked()), before.lent(), Math.max(before.returned(), c.returned()));
        if (now.equals(before)) {
            return draft.answer(new Answer.Accepted(false)); // it has come before
        }
        lend(draft, queue, limit, lender.with(c.partition(), now), new TreeSet<>(List.of(c.partition())));
        return draft.answer(new Answer.Accepted(true));
    }

    /** LendPlaces. Those for which there is no work any more go back at once. */
    public static Decision lent(Draft draft, LendPlaces c) {
        LimitedQueue queue = new LimitedQueue(draft.orgId(), c.queue());
        QueuePlaces now = draft.state().places().get(queue.orgId(), queue.queue());
        Limit limit = limit(draft, queue);
        if (now == null || limit == null || now.epoch() != c.epoch() || c.lent() <= now.lent()) {
            return draft.answer(new Answer.Accepted(false));
        }
        QueuePlaces more = now.lent(c.lent(), draft.now());
        QueuePlaces kept = more.keeping(draft.state().handout().fitting(queue.orgId(), queue.queue()));
        if (kept.equals(more)) {
            draft.event(new PlacesChanged(queue.orgId(), queue.queue(), more));
        } else {
            change(draft, queue, limit, kept);
        }
        return draft.answer(new Answer.Accepted(true));
    }

    /** Nobody has used the spare places for long enough. */
    static void unused(Draft draft, LimitedQueue queue) {
        QueuePlaces now = draft.state().places().get(queue.orgId(), queue.queue());
        Limit limit = limit(draft, queue);
        if (now != null && limit != null) {
            change(draft, queue, limit, now.keeping(0));
        }
    }

    /** The rate allows more. */
    static void next(Draft draft, LimitedQueue queue) {
        PlaceLender lender = draft.state().places().lender(queue);
        Limit limit = limit(draft, queue);
        if (lender != null && limit != null) {
            lend(draft, queue, limit, lender, new TreeSet<>());
        }
    }

    /** Gives back what the work that has ended leaves free, and lends what a limit that has changed allows. */
    public static Decision lookAfter(Draft draft, LimitedQueue queue) {
        Limit limit = limit(draft, queue);
        QueuePlaces here = draft.state().places().get(queue.orgId(), queue.queue());
        if (limit != null && here != null) {
            long free = here.free(draft.state().inFlight(queue.orgId(), queue.queue()));
            if (free > here.returned()) {
                change(draft, queue, limit, here.returned(free));
            }
        }
        next(draft, queue);
        return draft.answer(new Answer.Accepted(true));
    }

    /** @return the limit of the queue, if it needs places */
    private static @Nullable Limit limit(Draft draft, LimitedQueue queue) {
        Limit limit = draft.state()
                .policies()
                .get(queue.orgId(), new WorkSubject(WorkSubject.Type.QUEUE, queue.queue()))
                .limit();
        return limit != null && limit.places() ? limit : null;
    }

    private static void change(Draft draft, LimitedQueue queue, Limit limit, QueuePlaces now) {
        draft.event(new PlacesChanged(queue.orgId(), queue.queue(), now));
        tell(draft, queue, limit, now);
    }

    private static void tell(Draft draft, LimitedQueue queue, Limit limit, QueuePlaces now) {
        int home = WorkSubjects.home(queue.orgId(), WorkSubject.Type.QUEUE.name(), queue.queue(), limit.partitions());
        draft.send(
                queue.orgId(),
                home,
                new TellPlaces(
                        queue.queue(), now.epoch(), draft.partition(), now.begun(), now.asked(), now.returned()));
    }

    /**
     * Lends as many places as are wanted and the limit allows, one to each partition that waits, in turn. No partition waits for more
     * than {@link Limit#mostAsked}, so it ends.
     *
     * @param now how all stand
     * @param changed partitions whose lines are not what the state has
     */
    private static void lend(
            Draft draft, LimitedQueue queue, Limit limit, PlaceLender now, SortedSet<Integer> changed) {
        Map<Integer, PlaceLine> lines = new TreeMap<>(now.lines());
        SortedSet<Integer> lent = new TreeSet<>();
        Bucket rate = new Bucket(limit, now.paidNs(), draft.now());
        long room = now.room(limit);
        int last = now.last();
        long nextMs = 0;
        for (Integer next = waiting(lines, last); next != null && room > 0; next = waiting(lines, last)) {
            if (!rate.take()) {
                nextMs = rate.nextMs();
                break;
            }
            lines.computeIfPresent(next, (partition, line) -> line.lendOne());
            lent.add(next);
            last = next;
            room--;
        }
        changed.addAll(lent);
        if (changed.isEmpty() && nextMs != now.nextMs()) {
            changed.add(lines.keySet().iterator().next());
        }
        for (int partition : changed) {
            draft.event(new PlacesLent(
                    queue.orgId(),
                    queue.queue(),
                    limit.epoch(),
                    partition,
                    line(lines, partition),
                    last,
                    lent.isEmpty() ? now.paidNs() : rate.paidNs(),
                    nextMs));
        }
        for (int partition : lent) {
            draft.send(
                    queue.orgId(),
                    partition,
                    new LendPlaces(
                            queue.queue(), limit.epoch(), line(lines, partition).lent()));
        }
    }

    private static PlaceLine line(Map<Integer, PlaceLine> lines, int partition) {
        return Objects.requireNonNull(lines.get(partition), "line of a partition that has told");
    }

    /** @return the partition whose turn it is among those that wait, null where none does */
    private static @Nullable Integer waiting(Map<Integer, PlaceLine> lines, int last) {
        Integer first = null;
        for (Map.Entry<Integer, PlaceLine> each : lines.entrySet()) {
            if (each.getValue().waits()) {
                if (each.getKey() > last) {
                    return each.getKey();
                }
                first = first == null ? each.getKey() : first;
            }
        }
        return first;
    }

    /** How much a rate allows, by the partition's time. */
    private static final class Bucket {

        private final long eachNs;
        private final long nowNs;
        private long paidNs;

        private Bucket(Limit limit, long paidNs, long nowMs) {
            nowNs = nowMs * MS_NS;
            eachNs = limit.rate() == 0 ? 0 : Math.ceilDiv(SECOND_NS, limit.rate());
            this.paidNs = limit.rate() == 0 ? 0 : Math.max(paidNs, nowNs - eachNs * limit.burst());
        }

        private boolean take() {
            if (paidNs + eachNs > nowNs) {
                return false;
            }
            paidNs += eachNs;
            return true;
        }

        private long paidNs() {
            return paidNs;
        }

        private long nextMs() {
            return Math.ceilDiv(paidNs + eachNs, MS_NS);
        }
    }
}
