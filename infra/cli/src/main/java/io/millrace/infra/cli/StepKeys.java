package io.millrace.infra.cli;

import java.io.IOException;
import java.io.InputStream;

/** Keys that somebody presses, as a terminal sends them. One thread. */
final class StepKeys {

    /** What a key asks for. */
    enum Key {
        NEXT,
        PREVIOUS,
        FIRST,
        LAST,
        JSON,
        WHY,
        QUIT,
        OTHER
    }

    private static final int ESCAPE = 0x1b;
    private static final int BACKSPACE = 0x7f;
    private static final int INTERRUPT = 3;
    private static final int END_OF_INPUT = 4;

    private final InputStream in;

    StepKeys(InputStream in) {
        this.in = in;
    }

    /** @return the next key; {@link Key#QUIT} where none will come any more. Waits for it */
    Key next() throws IOException {
        int key = in.read();
        return switch (key) {
            case -1, 'q', 'Q', INTERRUPT, END_OF_INPUT -> Key.QUIT;
            case 'n', ' ', '\r', '\n' -> Key.NEXT;
            case 'p', '\b', BACKSPACE -> Key.PREVIOUS;
            case 'g' -> Key.FIRST;
            case 'G' -> Key.LAST;
            case 'j' -> Key.JSON;
            case 'w' -> Key.WHY;
            case ESCAPE -> escaped();
            default -> Key.OTHER;
        };
    }

    /** A terminal sends an arrow at once, and Escape alone. */
    private Key escaped() throws IOException {
        if (in.available() == 0) {
            return Key.OTHER;
        }
        int bracket = in.read();
        if (bracket != '[' && bracket != 'O') {
            return Key.OTHER;
        }
        int key = in.read();
        while (key >= '0' && key <= '9' || key == ';') {
            key = in.read(); // with Shift and the like, or a key such as Page up
        }
        return switch (key) {
            case 'A', 'D' -> Key.PREVIOUS;
            case 'B', 'C' -> Key.NEXT;
            case 'H' -> Key.FIRST;
            case 'F' -> Key.LAST;
            default -> Key.OTHER;
        };
    }
}
