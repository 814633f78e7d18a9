package io.millrace.ingest.search;

/**
 * A field of what is asked for.
 *
 * @param name as queries write it; of an entry of metadata its own name
 * @param type what it holds
 * @param mayLack whether some have no value
 * @param sortable whether a list may be sorted by it
 * @param about what it is, for people
 */
public record Field(String name, FieldType type, boolean mayLack, boolean sortable, String about) {

    static Field metadata(String name) {
        return new Field(name, FieldType.METADATA, true, false, "entry of the metadata");
    }

    /** @return the name as queries write it */
    String written() {
        if (type != FieldType.METADATA) {
            return name;
        }
        return Subject.METADATA + (Lexer.isWord(name) ? name : Lexer.quoted(name));
    }
}
