package io.millrace.infra.client.print;

/**
 * A piece of text, and how it looks where there are colours.
 *
 * @param text what it says, without control characters
 * @param look colour of the text
 */
public record Cell(String text, Look look) {

    /** Colours. */
    public enum Look {
        PLAIN(""),
        STRONG("1"),
        DIM("2"),
        GOOD("32"),
        BAD("31"),
        ODD("33"),
        BUSY("36");

        private final String code;

        Look(String code) {
            this.code = code;
        }

        String of(String text) {
            return this == PLAIN ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
        }
    }

    /** A text of any origin. Characters that would steer a terminal are replaced. */
    public static Cell of(String text) {
        return new Cell(Width.harmless(text), Look.PLAIN);
    }

    /** @return the same text with another look */
    public Cell as(Look other) {
        return new Cell(text, other);
    }

    /** @return the status of an execution or a worker, in its colour */
    public static Cell status(String status) {
        return of(status)
                .as(
                        switch (status) {
                            case "COMPLETED", "ONLINE" -> Look.GOOD;
                            case "FAILED" -> Look.BAD;
                            case "CANCELLED", "CONTINUED_AS_NEW", "OFFLINE" -> Look.ODD;
                            case "RUNNING", "WAITING" -> Look.BUSY;
                            default -> Look.PLAIN;
                        });
    }

    /** @return the cell as it is printed */
    public String on(Screen screen) {
        return screen.colours() ? look.of(text) : text;
    }
}
