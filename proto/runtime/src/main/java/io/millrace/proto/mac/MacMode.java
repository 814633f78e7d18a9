package io.millrace.proto.mac;

/** What a node does about MACs of commands. */
public enum MacMode {
    /** It writes none and looks at none. */
    OFF,
    /** It writes them, and counts commands without a valid one, but carries those out all the same: while others write none yet. */
    WRITE,
    /** It writes them, and refuses commands without a valid one. */
    REQUIRE
}
