package io.millrace.infra.client.api;

/** Exit codes of the commands. docs/command-line.md lists them as well. */
public final class ExitCode {

    /** It is done; of {@code result}: the execution has completed. */
    public static final int DONE = 0;

    /** The server refused it, or it failed; of {@code result}: the execution has failed. */
    public static final int FAILED = 1;

    /** The command was called wrongly, or the server could not understand what was given. */
    public static final int USAGE = 2;

    /** The thing that was named does not exist. */
    public static final int NOT_FOUND = 3;

    /** There is no server, or it cannot serve now. Nothing has been changed. */
    public static final int UNREACHABLE = 4;

    /** The answer was lost, so it is not known whether anything was changed. */
    public static final int UNKNOWN_OUTCOME = 5;

    /** The key is not known, or its role may not do this. */
    public static final int FORBIDDEN = 6;

    /**
     * The given time is over, and the execution is still open. Of {@code cancel}: somebody else has to approve it
     * first.
     */
    public static final int STILL_OPEN = 7;

    /** Of {@code result}: the execution was cancelled. */
    public static final int CANCELLED = 8;

    private ExitCode() {}
}
