package io.millrace.ingest.search;

/** How a field is compared with a value. The others are these, denied. */
public enum Comparison {
    /** The same. */
    EQUAL("="),
    /** More, or later. */
    MORE(">"),
    /** At least. */
    AT_LEAST(">="),
    /** Less, or earlier. */
    LESS("<"),
    /** At most. */
    AT_MOST("<="),
    /** Contains the text, whatever the case of letters; a star stands for any text. */
    CONTAINS("~");

    private final String sign;

    Comparison(String sign) {
        this.sign = sign;
    }

    /** @return as queries write it */
    public String sign() {
        return sign;
    }
}
