package io.millrace.ingest.http;

import io.millrace.ingest.operations.Reset;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import java.util.Optional;

/** The last event that a reset keeps, as a request names it. */
final class ResetPlace {

    private ResetPlace() {}

    /** @return a reset to an event by its number, {@code toEvent}, or to the first of a type, {@code toFirst} */
    static Reset read(JsonFields body, boolean dryRun, int expectedSequence) {
        int number = body.smallInteger("toEvent").orElse(0);
        Optional<String> type = body.text("toFirst");
        if (type.isEmpty()) {
            return Reset.toEvent(number, dryRun, expectedSequence);
        }
        if (number != 0) {
            throw RefusedException.invalid("expected one of toEvent and toFirst, but got both");
        }
        type.filter(text -> !WorkflowLifecycle.TYPES.contains(text)).ifPresent(text -> {
            throw RefusedException.invalid("expected one of " + String.join(", ", WorkflowLifecycle.TYPES)
                    + " as toFirst, but got " + Checks.shown(text));
        });
        return Reset.toFirst(type.get(), dryRun, expectedSequence);
    }
}
