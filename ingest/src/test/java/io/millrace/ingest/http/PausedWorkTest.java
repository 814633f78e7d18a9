package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.ingest.operations.SaidOfWork;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A limit is told as what it is, and as what holds work back only where there is no room. */
class PausedWorkTest {

    private static final WorkSubject QUEUE = WorkSubject.newBuilder()
            .setType(WorkSubject.Type.QUEUE)
            .setName("mails")
            .build();

    private static String limit(WorkLimit.Builder limit, int inHand) {
        WorkPolicy policy = WorkPolicy.newBuilder()
                .setLimit(limit.setBy("ann").setReason("flood"))
                .build();
        return PausedWork.limit(List.of(new SaidOfWork(QUEUE, policy, inHand, true)), "mails");
    }

    @Test
    void aLimitWithRoomHoldsNothingBack() {
        assertEquals(
                "Its queue mails has a limit: 2 of 3 in flight, at most 5 in a second, and 2 at once after a lull,"
                        + " since 1970-01-01T00:00:00Z by ann, because: flood.",
                limit(
                        WorkLimit.newBuilder()
                                .setInFlight(3)
                                .setRate(5)
                                .setBurst(2)
                                .setFairKey("customer"),
                        2));
    }

    @Test
    void oneWithoutRoomDoes() {
        assertEquals(
                "Its queue mails has a limit that leaves no room, so it is held back: 3 of 3 in flight,"
                        + " since 1970-01-01T00:00:00Z by ann, because: flood.",
                limit(WorkLimit.newBuilder().setInFlight(3), 3));
    }

    @Test
    void turnsHoldNothingBack() {
        assertEquals("", limit(WorkLimit.newBuilder().setFairKey("customer"), 9));
    }
}
