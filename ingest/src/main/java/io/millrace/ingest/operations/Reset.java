package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.ResetPoint;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * From where a workflow is to go on in a new run.
 *
 * @param point behind what
 * @param sequence last event that is kept, where the point is one; otherwise 0
 * @param input instead of that of the earlier run; empty: the same
 * @param dryRun only tell what would happen again
 * @param eventType of the last event that is kept, where the point is the first of a type; otherwise empty
 * @param expectedSequence last of its history as the caller saw it: refused if it has gone on since; 0: whatever it is
 */
public record Reset(
        ResetPoint point,
        int sequence,
        String eventType,
        Optional<ByteString> input,
        boolean dryRun,
        int expectedSequence) {

    private static final String POINT = "point";
    private static final String TO = "toEvent";
    private static final String TO_FIRST = "toFirst";
    private static final String SEQUENCE = "sequence";

    /** From the beginning, with the same input or another one. */
    public static Reset restart(Optional<ByteString> input, boolean dryRun, int expectedSequence) {
        return new Reset(ResetPoint.BEGINNING, 0, "", input, dryRun, expectedSequence);
    }

    /** From the beginning with what an open run has not taken in, and the same input or another one. */
    public static Reset continueAsNew(Optional<ByteString> input, boolean dryRun, int expectedSequence) {
        return new Reset(ResetPoint.CONTINUE_AS_NEW, 0, "", input, dryRun, expectedSequence);
    }

    /** From behind an event. */
    public static Reset toEvent(int sequence, boolean dryRun, int expectedSequence) {
        return new Reset(ResetPoint.SEQUENCE, sequence, "", Optional.empty(), dryRun, expectedSequence);
    }

    /** From behind the first event of a type. */
    public static Reset toFirst(String eventType, boolean dryRun, int expectedSequence) {
        return new Reset(ResetPoint.FIRST_OF_TYPE, 0, eventType, Optional.empty(), dryRun, expectedSequence);
    }

    /** From behind the last activation that did not fail. */
    public static Reset retry(boolean dryRun, int expectedSequence) {
        return new Reset(ResetPoint.LAST_GOOD_POINT, 0, "", Optional.empty(), dryRun, expectedSequence);
    }

    /** @return the same by names, as a request for an approval keeps it; an input is a payload, and not kept there */
    Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>();
        parameters.put(POINT, point.name());
        if (point == ResetPoint.SEQUENCE) {
            parameters.put(TO, Integer.toString(sequence));
        }
        if (point == ResetPoint.FIRST_OF_TYPE) {
            parameters.put(TO_FIRST, eventType);
        }
        if (expectedSequence != 0) {
            parameters.put(SEQUENCE, Integer.toString(expectedSequence));
        }
        return parameters;
    }

    /** @return what {@link #parameters} gave to a request that a seal holds */
    public static Reset of(Map<String, String> parameters) {
        return new Reset(
                ResetPoint.valueOf(parameters.get(POINT)),
                Integer.parseInt(parameters.getOrDefault(TO, "0")),
                parameters.getOrDefault(TO_FIRST, ""),
                Optional.empty(),
                false,
                Integer.parseInt(parameters.getOrDefault(SEQUENCE, "0")));
    }
}
