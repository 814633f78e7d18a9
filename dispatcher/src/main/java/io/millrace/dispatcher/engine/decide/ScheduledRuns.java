package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command.CheckScheduledRun;
import io.millrace.dispatcher.engine.command.Command.ScheduledRunEnded;
import io.millrace.dispatcher.engine.command.ScheduleDefinition.Origin;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.proto.Shards;
import java.util.UUID;

/** What the runs of schedules tell them: that they are no more, so that the next one may begin. */
public final class ScheduledRuns {

    /** What is said of a run that is not there. */
    public static final String GONE = "GONE";

    private ScheduledRuns() {}

    /** Tells the schedule of a run how that has ended, if it wants to hear of it. */
    static void ended(Draft draft, Execution run, String outcome) {
        Origin origin = run.header().origin();
        if (origin != null && origin.awaited()) {
            tell(draft, run.header().orgId(), origin.schedule(), origin.scheduleId(), origin.runId(), outcome);
        }
    }

    /** Tells the schedule that it awaits in vain a run that was never there, or nobody knows of any more. */
    public static void gone(Draft draft, Origin origin) {
        if (origin.awaited()) {
            tell(draft, draft.orgId(), origin.schedule(), origin.scheduleId(), origin.runId(), GONE);
        }
    }

    /**
     * CheckScheduledRun. Whatever was lost on the way, such as the word that a run has ended, a schedule must not wait for it
     * for ever.
     */
    public static Decision check(Draft draft, CheckScheduledRun c) {
        Execution run = Lookup.newestRun(draft, c.runId());
        if (run == null) {
            tell(draft, draft.orgId(), c.schedule(), c.scheduleId(), c.runId(), GONE);
        } else if (run.status().terminal()) {
            tell(
                    draft,
                    draft.orgId(),
                    c.schedule(),
                    c.scheduleId(),
                    c.runId(),
                    run.status().name());
        }
        return draft.answer(new Answer.Accepted(false));
    }

    private static void tell(Draft draft, UUID orgId, String schedule, UUID scheduleId, UUID runId, String outcome) {
        draft.send(orgId, Shards.of(orgId, schedule), new ScheduledRunEnded(schedule, scheduleId, runId, outcome));
    }
}
