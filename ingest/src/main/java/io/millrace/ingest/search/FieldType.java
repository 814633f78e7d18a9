package io.millrace.ingest.search;

/** What a field holds, and so which comparisons it knows. */
public enum FieldType {
    /** One of a few words. */
    STATUS(false, true, false),
    /** A short text. */
    NAME(false, true, true),
    /** A text for people. */
    TEXT(false, true, true),
    /** A UUID. */
    ID(false, true, false),
    /** A whole number. */
    NUMBER(true, true, false),
    /** A moment. It has no equal, as nobody writes milliseconds. */
    TIME(true, false, false),
    /** Some length of time. */
    DURATION(true, false, false),
    /** An entry of metadata, which is a text. */
    METADATA(false, true, true);

    private final boolean ordered;
    private final boolean equal;
    private final boolean contained;

    FieldType(boolean ordered, boolean equal, boolean contained) {
        this.ordered = ordered;
        this.equal = equal;
        this.contained = contained;
    }

    /** @return whether it knows {@code > >= < <=} */
    boolean ordered() {
        return ordered;
    }

    /** @return whether it knows {@code = !=} and {@code IN} */
    boolean equal() {
        return equal;
    }

    /** @return whether it knows {@code ~ !~} */
    boolean contained() {
        return contained;
    }
}
