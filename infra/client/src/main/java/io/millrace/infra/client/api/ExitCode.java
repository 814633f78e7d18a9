package io.millrace.infra.client.api;

/** What the commands end with. docs/command-line.md lists the same. */
public final class ExitCode {

    /** It is done; of {@code result}: the execution has completed. */
    public static final int DONE = 0;

    /** The server refused it, or it failed; of {@code result}: the execution has failed. */
    public static final int FAILED = 1;

    /** The command was called wrongly, or the server could make nothing of what was given. */
    public static final int USAGE = 2;

    /** What was named is not there. */
    public static final int NOT_FOUND = 3;

    /** There is no server, or it cannot serve now. Nothing has been changed. */
    public static final int UNREACHABLE = 4;

    /** The answer was lost: whether anything was changed is not known. */
    public static final int UNKNOWN_OUTCOME = 5;

    /** The key is not known, or its role may not do this. */
    public static final int FORBIDDEN = 6;

    /** The time that was given is over, and the execution is still open; of {@code cancel}: somebody else has to approve it first. */
    public static final int STILL_OPEN = 7;

    /** Of {@code result}: the execution was cancelled. */
    public static final int CANCELLED = 8;

    private ExitCode() {}
}
