package io.millrace.dispatcher.engine.event;

import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkPolicy.Pause;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.event.Event.PlacesChanged;
import io.millrace.dispatcher.engine.event.Event.PlacesLent;
import io.millrace.dispatcher.engine.event.Event.PolicyChanged;
import org.jspecify.annotations.NullUnmarked;

/** JSON of what is said of how work is handed out, to and fro. */
@NullUnmarked // what stands in a log is believed as it stands, and only compared
final class PolicyEventJson {

    static final String TYPE = "WORK_POLICY_CHANGED";
    static final String PLACES = "QUEUE_PLACES_CHANGED";
    static final String LENT = "QUEUE_PLACES_LENT";

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
        Limit limit = event.policy().limit();
        if (limit != null) {
            json.number("limitedSinceMs", limit.sinceMs())
                    .text("limitedBy", limit.by())
                    .text("limitReason", limit.reason())
                    .number("inFlight", limit.inFlight())
                    .number("rate", limit.rate())
                    .number("burst", limit.burst())
                    .text("fairKey", limit.fairKey())
                    .number("epoch", limit.epoch())
                    .number("partitions", limit.partitions());
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
        Limit limit = json.has("limitedSinceMs")
                ? new Limit(
                        (int) json.number("inFlight"),
                        (int) json.number("rate"),
                        (int) json.number("burst"),
                        json.text("fairKey"),
                        json.number("epoch"),
                        (int) json.number("partitions"),
                        json.number("limitedSinceMs"),
                        json.text("limitedBy"),
                        json.text("limitReason"))
                : null;
        return new PolicyChanged(sealed.orgId(), subject, new WorkPolicy(json.number("version"), pause, limit));
    }

    static void write(JsonWriter json, PlacesChanged event) {
        QueuePlaces places = event.places();
        json.text("queue", event.queue())
                .number("epoch", places.epoch())
                .number("begun", places.begun())
                .number("asked", places.asked())
                .number("lent", places.lent())
                .number("returned", places.returned())
                .number("spare", places.spare())
                .number("lentMs", places.lentMs());
    }

    static PlacesChanged readPlaces(SealedEvent sealed, JsonReader json) {
        return new PlacesChanged(
                sealed.orgId(),
                json.text("queue"),
                new QueuePlaces(
                        json.number("epoch"),
                        json.number("begun"),
                        json.number("asked"),
                        json.number("lent"),
                        json.number("returned"),
                        (int) json.number("spare"),
                        json.number("lentMs")));
    }

    static void write(JsonWriter json, PlacesLent event) {
        json.text("queue", event.queue())
                .number("epoch", event.epoch())
                .number("partition", event.partition())
                .number("asked", event.line().asked())
                .number("lent", event.line().lent())
                .number("returned", event.line().returned())
                .number("lastPartition", event.last())
                .number("paidNs", event.paidNs())
                .number("nextMs", event.nextMs());
    }

    static PlacesLent readLent(SealedEvent sealed, JsonReader json) {
        return new PlacesLent(
                sealed.orgId(),
                json.text("queue"),
                json.number("epoch"),
                (int) json.number("partition"),
                new PlaceLine(json.number("asked"), json.number("lent"), json.number("returned")),
                (int) json.number("lastPartition"),
                json.number("paidNs"),
                json.number("nextMs"));
    }
}
