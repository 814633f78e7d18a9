package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.DeleteQuery;
import io.millrace.dispatcher.engine.command.Command.OfQuery;
import io.millrace.dispatcher.engine.command.Command.SaveQuery;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.QueryDeleted;
import io.millrace.dispatcher.engine.event.Event.QuerySaved;

/** Queries that have names in their organisation. */
public final class SavedQueryHandler {

    /** Of one organisation: they are in memory. */
    public static final int MOST = 100;

    private SavedQueryHandler() {}

    /** Decides what is asked of a name. */
    public static Decision decide(Draft draft, OfQuery command) {
        SavedQuery now = draft.state().savedQueries().get(draft.orgId(), command.name());
        long version = now == null ? 0 : now.version();
        if (Refusals.isOtherVersion(command.expectedVersion(), version)) {
            return Refusals.changed("the saved query " + command.name(), command.expectedVersion(), version);
        }
        return switch (command) {
            case SaveQuery c -> {
                if (c.query().as(version).equals(now)) {
                    yield draft.answer(new Answer.Accepted(false));
                }
                if (now == null && draft.state().savedQueries().count(draft.orgId()) >= MOST) {
                    yield Decision.refused(
                            Reason.RESOURCE_EXHAUSTED,
                            "expected at most " + MOST
                                    + " saved queries of an organisation, but there are so many: delete"
                                    + " one that nobody needs");
                }
                draft.event(new QuerySaved(draft.orgId(), c.query().as(draft.offset() + 1)));
                yield draft.answer(new Answer.Accepted(true));
            }
            case DeleteQuery c -> {
                if (now == null) {
                    yield Decision.refused(
                            Reason.NOT_FOUND,
                            "expected a saved query of this organisation, but there is none of the name " + c.name());
                }
                draft.event(new QueryDeleted(draft.orgId(), c.name(), c.requestedBy()));
                yield draft.answer(new Answer.Accepted(true));
            }
        };
    }
}
