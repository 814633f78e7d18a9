package io.millrace.ingest.http;

import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Moment;
import java.util.Optional;
import java.util.regex.Pattern;

/** The query parameter that asks how things were at a moment. */
final class Moments {

    /** Name of the parameter. */
    static final String PARAMETER = "at";

    /** Narrower than what the command line takes: of times those that the description of the API allows. */
    private static final Pattern WRITTEN = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z|[0-9]{1,6}:[0-9]{1,18}");

    private Moments() {}

    /**
     * @return the moment; nothing where the request is about now
     * @throws RefusedException it is none
     */
    static Optional<Moment> asked(HttpCall call) {
        return call.parameter(PARAMETER).map(Moments::moment);
    }

    private static Moment moment(String text) {
        try {
            if (WRITTEN.matcher(text).matches()) {
                return Moment.parse(text);
            }
        } catch (IllegalArgumentException e) {
            // It is told below.
        }
        throw RefusedException.invalid(
                "expected a time such as 2026-01-31T14:03:00Z, or partition:offset such as 3:12000, as " + PARAMETER
                        + ", but got " + Checks.shown(text));
    }

    /** @throws RefusedException there is another parameter that is only about now */
    static void expectAlone(HttpCall call, String... others) {
        for (String other : others) {
            if (call.query().containsKey(other)) {
                throw RefusedException.invalid("expected no " + other + " beside " + PARAMETER + ", but there is one");
            }
        }
    }
}
