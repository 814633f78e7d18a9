package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Pause;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.event.Event.PolicyChanged;
import org.jspecify.annotations.NullUnmarked;

/** JSON of what is said of how work is handed out, to and fro. */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
final class PolicyEventJson {

    static final String TYPE = "WORK_POLICY_CHANGED";

    private PolicyEventJson() {}

    static void write(JsonWriter json, PolicyChanged event) {
        json.text("subjectType", event.subject().type().name())
                .text("subject", event.subject().name())
                .number("version", event.policy().version());
        Pause pause = event.policy().pause();
        if (pause != null) {
            json.number("pausedSinceMs", pause.sinceMs())
                    .text("pausedBy", pause.by())
                    .text("pauseReason", pause.reason());
            if (pause.untilMs() > 0) {
                json.number("pausedUntilMs", pause.untilMs());
            }
        }
    }

    static PolicyChanged read(SealedEvent sealed, JsonReader json) {
        WorkSubject subject = new WorkSubject(WorkSubject.Type.valueOf(json.text("subjectType")), json.text("subject"));
        Pause pause = json.has("pausedSinceMs")
                ? new Pause(
                        json.number("pausedSinceMs"),
                        json.text("pausedBy"),
                        json.text("pauseReason"),
                        json.number("pausedUntilMs", 0))
                : null;
        return new PolicyChanged(sealed.orgId(), subject, new WorkPolicy(json.number("version"), pause));
    }
}
