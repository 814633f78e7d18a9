package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.List;
import java.util.Optional;

/** What happens to an execution, apart from what its tasks stream out. */
interface Lifecycle {

    /** @return what to ask of whoever owns the execution, to hear of what comes after the position */
    WatchRequest watch(int seen);

    /** @return what the step tells that comes after the position */
    List<Happening> in(WatchStep step, int seen);

    /**
     * Looks for an execution that has ended and left the stores; may wait for the answer, which may be as large as a history.
     *
     * @return what comes after the position, up to the end; empty while the execution is not known to have ended
     */
    Optional<List<Happening>> past(int seen);

    /**
     * One event.
     *
     * @param position its number; those of later events are higher
     * @param type what happened, such as WORKFLOW_STARTED
     * @param json a JSON object
     */
    record Happening(int position, String type, ByteString json) {}
}
