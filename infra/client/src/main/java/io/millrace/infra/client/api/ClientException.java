package io.millrace.infra.client.api;

/** Ends a command. Its message is one line, which says what was expected, what was found instead, and what to do. */
public final class ClientException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** @param exitCode one of {@link ExitCode} */
    public ClientException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** @return the exit code of the process */
    public int exitCode() {
        return exitCode;
    }

    /** @return the failure of a command that was called wrongly */
    public static ClientException usage(String message) {
        return new ClientException(ExitCode.USAGE, message);
    }
}
