package io.millrace.ingest.search;

/**
 * In which order a list comes. Those that have no value come as if theirs were the smallest; those of one value come by their ids.
 *
 * @param field a sortable field
 * @param descending whether the largest, or latest, comes first
 */
public record SortOrder(Field field, boolean descending) {

    /** @return as queries write it */
    String written() {
        return "ORDER BY " + field.written() + (descending ? " DESC" : " ASC");
    }

    /** @return a short name, which cursors carry */
    public String name() {
        return field.name() + (descending ? "-desc" : "-asc");
    }

    /** @return the order of lists that ask for no other: newest first */
    static SortOrder usual(Subject subject) {
        return new SortOrder(subject.field("created").orElseThrow(), true);
    }

    /** @return whether it is the order of lists that ask for no other */
    public boolean isUsual() {
        return descending && field.name().equals("created");
    }
}
