package io.millrace.dispatcher.engine.command;

/**
 * A query that has a name in its organisation. None of it is the engine's to read.
 *
 * @param subject what it is about: workflows or tasks
 * @param about what it is for; empty: nobody said
 * @param savedBy who gave it its name last
 * @param version rises with each change of what has the name; 0: it is only asked for
 */
public record SavedQuery(String name, String subject, String query, String about, String savedBy, long version) {

    /** Where all of an organisation are at home, so that there can be a bound on them. */
    public static final String HOME = "saved-queries";

    /** As it is asked for. */
    public SavedQuery(String name, String subject, String query, String about, String savedBy) {
        this(name, subject, query, about, savedBy, 0);
    }

    /** @return the same in that version */
    public SavedQuery as(long other) {
        return new SavedQuery(name, subject, query, about, savedBy, other);
    }
}
