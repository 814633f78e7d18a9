package io.millrace.ingest.encryption;

/** Who wrote an entry of the topic of data keys, as its MAC and its time tell. Each one counts for more than those before it. */
enum Seal {
    /** A node, but long before the record was written: it is a copy, and does not count. */
    COPIED,
    /** No node that is known. It may be from before nodes sealed what they write. */
    NONE,
    /** A node, before they noted when. */
    UNDATED,
    /** A node. */
    NODE
}
