package io.millrace.ingest.operations;

import java.util.Map;
import java.util.TreeMap;

/**
 * How a workflow is to be cancelled.
 *
 * @param forceAfterMs how long its worker has to end it before it is cancelled by force, milliseconds; 0: nothing
 * @param expectedSequence last of its history as the caller saw it: refused if it has gone on since; 0: whatever it is
 */
public record Ending(long forceAfterMs, int expectedSequence) {

    /** By force, as it stands. */
    public static final Ending AT_ONCE = new Ending(0, 0);

    private static final String FORCE_AFTER = "forceAfterMs";
    private static final String SEQUENCE = "sequence";

    /** @return the same by names, without what is 0: as a request for an approval keeps it */
    Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>();
        if (forceAfterMs != 0) {
            parameters.put(FORCE_AFTER, Long.toString(forceAfterMs));
        }
        if (expectedSequence != 0) {
            parameters.put(SEQUENCE, Integer.toString(expectedSequence));
        }
        return parameters;
    }

    /** @return what {@link #parameters} gave to a request that a seal holds */
    public static Ending of(Map<String, String> parameters) {
        return new Ending(
                Long.parseLong(parameters.getOrDefault(FORCE_AFTER, "0")),
                Integer.parseInt(parameters.getOrDefault(SEQUENCE, "0")));
    }
}
