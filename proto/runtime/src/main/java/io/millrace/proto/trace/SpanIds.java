package io.millrace.proto.trace;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ids of spans. Those of the log are made of ids that stand there: whoever makes the same span again, as after a crash, makes
 * it under the same id.
 */
public final class SpanIds {

    private static final long COMMAND = 0x636f6d6d616e64L;
    private static final long WAITED = 0x776169746564L;
    private static final long HELD = 0x68656c64L;

    private SpanIds() {}

    /** @return of a call */
    public static long random() {
        return notZero(ThreadLocalRandom.current().nextLong());
    }

    /** @return of a command that is carried out */
    public static long command(UUID commandId) {
        return of(COMMAND, commandId);
    }

    /** @return of the time until the claim, for which its work stood ready */
    public static long waited(UUID claimId) {
        return of(WAITED, claimId);
    }

    /** @return of the time for which the claim held its work */
    public static long held(UUID claimId) {
        return of(HELD, claimId);
    }

    private static long of(long what, UUID id) {
        return notZero(mixed(mixed(what ^ id.getMostSignificantBits()) ^ id.getLeastSignificantBits()));
    }

    /** Every bit of the result depends on every bit: the finalizer of SplitMix64. */
    private static long mixed(long bits) {
        long once = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        long twice = (once ^ (once >>> 27)) * 0x94d049bb133111ebL;
        return twice ^ (twice >>> 31);
    }

    /** 0 stands for no span. */
    private static long notZero(long id) {
        return id == 0 ? 1 : id;
    }
}
