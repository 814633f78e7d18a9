package io.millrace.infra.doctor;

import java.time.Duration;

/** Compares clocks. Nodes take time from the brokers, so clocks that differ make the audit harder to read, and no more. */
final class ClockCheck {

    private static final String CLOCK = "clock";

    private ClockCheck() {}

    /**
     * @param whose whose clock it is
     * @param theirsMs what it showed, milliseconds since the epoch
     * @param beforeMs this machine's clock before the question
     * @param afterMs the same after the answer
     * @param tolerated how far they may be apart
     */
    static Finding compare(String whose, long theirsMs, long beforeMs, long afterMs, Duration tolerated) {
        long apart = theirsMs < beforeMs ? beforeMs - theirsMs : Math.max(0, theirsMs - afterMs);
        return apart > tolerated.toMillis()
                ? Finding.warning(
                        CLOCK,
                        "the clock of " + whose + " is " + apart + " ms "
                                + (theirsMs < beforeMs ? "behind" : "ahead of") + " that of this machine",
                        "let both follow the same time servers")
                : Finding.ok(
                        CLOCK, "that of " + whose + " is within " + tolerated.toSeconds() + " s of this machine's");
    }
}
