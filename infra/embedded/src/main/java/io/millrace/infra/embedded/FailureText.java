package io.millrace.infra.embedded;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/** Says in one line what went wrong, for people at a terminal. */
final class FailureText {

    private FailureText() {}

    /** @return the text of the innermost cause that has one, on one line */
    static String of(Throwable failure) {
        String text = failure.getClass().getSimpleName();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException file) {
                text = (file.getReason() == null ? kind(file) : file.getReason()) + " (" + file.getFile() + ")";
            } else if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                text = cause.getMessage();
            }
        }
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String kind(FileSystemException e) {
        return e instanceof AccessDeniedException
                ? "access denied"
                : e.getClass().getSimpleName();
    }
}
