package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers of a writer were seen: the highest, and of the {@value #WIDTH} up to it those that are missing. What lies further back
 * counts as seen. Nearly always numbers come one after the other, and only the highest is kept. One thread.
 */
final class SequenceWindow {

    /** So far behind the highest a number may come that is no copy. Producers keep their order, so none should. */
    static final int WIDTH = 1_024;

    private static final int FORM = 1;
    private static final int WORDS = WIDTH / Long.SIZE;

    private long highest;
    /** A ring: bit {@code number % WIDTH} is set while that number of the window is missing. Null while none is. */
    private long @Nullable [] missing;

    private int missingCount;
    /** Whether it differs from what is stored. */
    private boolean changed;

    private SequenceWindow() {}

    /** @return the numbers of a writer of whom nothing came before that number; the lower ones count as seen all the same */
    static SequenceWindow startingAt(long first) {
        SequenceWindow window = new SequenceWindow();
        window.highest = first;
        return window;
    }

    /** @return the numbers of a writer of whom nothing came before that number, and the lower ones may still come */
    static SequenceWindow missingBefore(long first) {
        SequenceWindow window = new SequenceWindow();
        window.take(first);
        return window;
    }

    /** @return whether the number was seen, or lies so far back that nobody can tell */
    boolean seen(long number) {
        return number <= highest && (missing == null || number <= highest - WIDTH || !isMissing(missing, number));
    }

    /**
     * Notes that the number was seen.
     *
     * @return whether it is the first since it was encoded last
     */
    boolean take(long number) {
        boolean first = !changed;
        changed = true;
        if (number > highest) {
            if (missing != null || number != highest + 1) {
                skip(number);
            }
            highest = number;
        } else if (missing != null && number > highest - WIDTH && isMissing(missing, number)) {
            found(missing, number);
        }
        if (missingCount == 0) {
            missing = null;
        }
        return first;
    }

    /** Makes room up to the number. What leaves the window is missing no more, what is passed over is. */
    private void skip(long number) {
        long[] ring = missing == null ? new long[WORDS] : missing;
        missing = ring;
        // Counted down to the number, since there is none behind the greatest.
        long most = Math.min(number - highest, WIDTH) - 1;
        for (long before = most; before >= 0; before--) {
            if (isMissing(ring, number - before)) {
                found(ring, number - before); // it stands for the one that many before
            }
        }
        for (long before = most; before > 0; before--) {
            ring[word(number - before)] |= bit(number - before);
            missingCount++;
        }
    }

    private void found(long[] ring, long number) {
        ring[word(number)] &= ~bit(number);
        missingCount--;
    }

    private static boolean isMissing(long[] ring, long number) {
        return (ring[word(number)] & bit(number)) != 0;
    }

    private static int word(long number) {
        return (int) (number & (WIDTH - 1)) / Long.SIZE;
    }

    private static long bit(long number) {
        return 1L << number;
    }

    byte[] encode() {
        changed = false;
        Bytes out = Bytes.writer(2 + Long.BYTES + (missing == null ? 0 : WIDTH / Byte.SIZE))
                .u8(FORM)
                .i64(highest)
                .bool(missing != null);
        if (missing != null) {
            for (long word : missing) {
                out.i64(word);
            }
        }
        return out.finish();
    }

    static SequenceWindow decode(byte[] stored) {
        Bytes in = Bytes.reader(stored);
        Versions.expect(in.u8(), FORM, "numbers of a writer");
        SequenceWindow window = startingAt(in.i64());
        if (in.bool()) {
            long[] ring = new long[WORDS];
            for (int i = 0; i < WORDS; i++) {
                ring[i] = in.i64();
                window.missingCount += Long.bitCount(ring[i]);
            }
            window.missing = ring;
        }
        return window;
    }
}
