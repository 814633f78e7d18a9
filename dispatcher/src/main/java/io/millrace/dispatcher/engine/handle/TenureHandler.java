package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Event.RulesRaised;
import io.millrace.dispatcher.engine.event.Event.TenureBegan;
import io.millrace.dispatcher.engine.event.Event.TenureEnded;

/** Who owns the partition, and by which rules it goes on. */
public final class TenureHandler {

    private TenureHandler() {}

    /** BeginTenure: whoever began last owns. As the first command of a log it also says by which rules the log goes on. */
    public static Decision begin(Draft draft, BeginTenure c) {
        int rules = c.rulesFrom(draft.offset());
        if (rules > Rules.VERSION) {
            return unknownRules(rules);
        }
        if (rules > draft.rules()) {
            draft.event(new RulesRaised(rules));
        }
        long ownedUntilMs = draft.rules() < Rules.SERVER_LOSSES ? 0 : c.ownedUntilMs();
        int readLeaseMs = draft.rules() < Rules.READ_LEASES ? 0 : c.readLeaseMs();
        draft.event(new TenureBegan(c.tenureId(), c.node(), c.knownRules(), ownedUntilMs, readLeaseMs));
        return draft.answer(new Answer.Accepted(true));
    }

    /** EndTenure: says nothing of a tenure after which another began. */
    public static Decision end(Draft draft, EndTenure c) {
        if (!c.tenureId().equals(draft.state().tenureId())) {
            return draft.answer(new Answer.Accepted(false));
        }
        draft.event(new TenureEnded(c.tenureId(), c.node()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** RaiseRules: the rules never go back. A node that does not know the version must not get here. */
    public static Decision raiseRules(Draft draft, RaiseRules c) {
        if (c.version() <= draft.rules()) {
            return draft.answer(new Answer.Accepted(false));
        }
        if (c.version() > Rules.VERSION) {
            return unknownRules(c.version());
        }
        draft.event(new RulesRaised(c.version()));
        return draft.answer(new Answer.Accepted(true));
    }

    private static Decision unknownRules(int version) {
        return Decision.refused(
                Refusal.Reason.FAILED_PRECONDITION,
                "expected a version of the rules up to " + Rules.VERSION + ", but got " + version);
    }
}
