package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.LimitWork;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.PauseWork;
import io.millrace.dispatcher.engine.command.Command.ResumeWork;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkPolicy.Pause;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.PolicyChanged;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.proto.WorkSubjects;

/**
 * By which policies work is handed out. What is asked of one is decided in the partition of its subject. All other partitions, which
 * have work of the subject too, are told and follow.
 */
public final class PolicyHandler {

    /** Of one organisation: each partition has all of them in memory. */
    public static final int MOST = 1_000;

    private PolicyHandler() {}

    /** Decides what is asked of a policy. */
    public static Decision decide(Draft draft, OfPolicy command) {
        WorkPolicy now = draft.state().policies().get(draft.orgId(), command.subject());
        if (Refusals.isOtherVersion(command.expectedVersion(), now.version())) {
            return Refusals.changed(
                    "what is said of " + command.subject().name(), command.expectedVersion(), now.version());
        }
        return switch (command) {
            case PauseWork c ->
                now.pause() != null
                        ? unchanged(draft, c, now)
                        : change(
                                draft,
                                c,
                                now,
                                now.with(new Pause(
                                        draft.now(),
                                        c.requestedBy(),
                                        c.reason(),
                                        c.lastsMs() == 0 ? 0 : draft.now() + c.lastsMs())));
            case ResumeWork c -> now.pause() == null ? unchanged(draft, c, now) : change(draft, c, now, now.with(null));
            case LimitWork c -> limit(draft, c, now);
        };
    }

    private static Decision limit(Draft draft, LimitWork c, WorkPolicy now) {
        Limit wanted = c.limit();
        if (c.subject().type() != WorkSubject.Type.QUEUE) {
            return Decision.refused(
                    Reason.INVALID_ARGUMENT,
                    "expected a queue to limit, but got " + c.subject().type() + " "
                            + c.subject().name());
        }
        if (wanted == null) {
            return now.limit() == null ? unchanged(draft, c, now) : change(draft, c, now, now.limited(null));
        }
        if (wanted.inFlight() < 0 || wanted.rate() < 0 || wanted.rate() > 0 && wanted.burst() < 1) {
            return Decision.refused(
                    Reason.INVALID_ARGUMENT,
                    "expected a limit with no negative number, and with a burst of at least 1 beside a rate, but got "
                            + wanted.inFlight() + " in flight, a rate of " + wanted.rate() + " and a burst of "
                            + wanted.burst());
        }
        if (wanted.same(now.limit())) {
            return unchanged(draft, c, now);
        }
        // Places that are lent already stay lent, as long as there is any limit that needs them.
        long epoch = !wanted.places() ? 0 : now.epoch() == 0 ? draft.offset() + 1 : now.epoch();
        return change(draft, c, now, now.limited(wanted.of(epoch).at(draft.now())));
    }

    /** A pause is over by itself: each partition sees that by its own clock, and tells nobody. */
    static void ended(Draft draft, Due due) {
        WorkSubject subject = WorkSubject.of(due.reference());
        WorkPolicy now = draft.state().policies().get(due.executionId(), subject);
        draft.event(new PolicyChanged(due.executionId(), subject, now.with(null)));
    }

    /**
     * The others are told once more: while rules are raised, one that was not there yet has refused what it was told, and would go
     * on as before. For all others it is nothing new.
     */
    private static Decision unchanged(Draft draft, OfPolicy command, WorkPolicy now) {
        tell(draft, command, now.usual() ? now.as(draft.offset() + 1) : now);
        return draft.answer(new Answer.PolicyDecided(false, now.version()));
    }

    /** The place in the log is a number that rises with each change, also when all that was said before is forgotten. */
    private static Decision change(Draft draft, OfPolicy command, WorkPolicy now, WorkPolicy wanted) {
        if (now.usual() && draft.state().policies().count(draft.orgId()) >= MOST) {
            return Decision.refused(
                    Reason.RESOURCE_EXHAUSTED,
                    "expected at most " + MOST + " queues, kinds and workers of an organisation of which something is"
                            + " said, but there are so many: resume some, or lift their limits");
        }
        WorkPolicy policy = wanted.as(draft.offset() + 1);
        draft.event(new PolicyChanged(draft.orgId(), command.subject(), policy));
        tell(draft, command, policy);
        PlaceHandler.begin(draft, command.subject(), now, policy);
        return draft.answer(new Answer.PolicyDecided(true, policy.version()));
    }

    private static void tell(Draft draft, OfPolicy command, WorkPolicy policy) {
        int home = WorkSubjects.home(
                draft.orgId(),
                command.subject().type().name(),
                command.subject().name(),
                command.partitions());
        for (int partition = 0; partition < command.partitions(); partition++) {
            if (partition != home) {
                draft.send(draft.orgId(), partition, new FollowPolicy(command.subject(), policy));
            }
        }
    }

    /**
     * FollowPolicy. One that comes again after a later one is passed over. If the later one had made all as usual, and so is
     * forgotten, the earlier one holds once more until the later one has come again too, which is behind it.
     */
    public static Decision follow(Draft draft, FollowPolicy c) {
        WorkPolicy now = draft.state().policies().get(draft.orgId(), c.subject());
        if (c.policy().version() <= now.version() || c.policy().usual() && now.usual()) {
            return draft.answer(new Answer.Accepted(false));
        }
        draft.event(new PolicyChanged(draft.orgId(), c.subject(), c.policy()));
        PlaceHandler.begin(draft, c.subject(), now, c.policy());
        return draft.answer(new Answer.Accepted(true));
    }
}
