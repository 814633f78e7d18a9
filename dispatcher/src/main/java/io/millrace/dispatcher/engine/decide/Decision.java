package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.event.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a handler decided: either a refusal, or an answer with events to apply and commands to send. */
public record Decision(
        @Nullable Refusal refusal, @Nullable Answer answer, List<Event> events, List<Outgoing> outgoing) {

    /** @return a refusal, which changes nothing */
    public static Decision refused(Refusal.Reason reason, String text) {
        return new Decision(new Refusal(reason, text), null, List.of(), List.of());
    }
}
