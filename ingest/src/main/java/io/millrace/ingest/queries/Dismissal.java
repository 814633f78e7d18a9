package io.millrace.ingest.queries;

/**
 * That somebody has looked at what goes on no more by itself, and lets it be. It stands on the log as a note, so it changes nothing of
 * what is decided, and counts only while the execution stands as it was seen.
 *
 * @param by who
 * @param reason why
 * @param atMs when, milliseconds since the epoch by the clock of the partition
 */
public record Dismissal(String by, String reason, long atMs) {

    /** Kind of the notes. */
    public static final String NOTE = "dead_letter_dismissed";

    /** Name of the detail of such a note that tells after how many attempts, or deliveries in a row, it was looked at. */
    public static final String ATTEMPT = "attempt";
}
