package io.millrace.dispatcher.engine.command;

/**
 * A query that has a name in its organisation. None of it is the engine's to read.
 *
 * @param subject what it is about: workflows or tasks
 * @param about what it is for; empty: nobody said
 * @param savedBy who gave it its name last
 */
public record SavedQuery(String name, String subject, String query, String about, String savedBy) {

    /** Where all of an organisation are at home, so that there can be a bound on them. */
    public static final String HOME = "saved-queries";
}
