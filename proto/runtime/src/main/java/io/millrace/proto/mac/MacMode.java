package io.millrace.proto.mac;

/** What a node does with the MACs of commands. */
public enum MacMode {
    /** It neither writes nor checks them. */
    OFF,
    /**
     * It writes them, counts commands without a valid one, and carries those out all the same: for as long as some
     * nodes write none.
     */
    WRITE,
    /** It writes them, and refuses commands without a valid one. */
    REQUIRE
}
