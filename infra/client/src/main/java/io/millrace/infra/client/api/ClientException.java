package io.millrace.infra.client.api;

/** Ends a command. Its message is one line that says what was expected, what there is instead, and what to do. */
public final class ClientException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** @param exitCode one of {@link ExitCode} */
    public ClientException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** @return what the process ends with */
    public int exitCode() {
        return exitCode;
    }

    /** @return a fault of whoever called the command */
    public static ClientException usage(String message) {
        return new ClientException(ExitCode.USAGE, message);
    }
}
