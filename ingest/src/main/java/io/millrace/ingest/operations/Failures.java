package io.millrace.ingest.operations;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** What a failed future really failed of. */
public final class Failures {

    private static final int MOST_CAUSES = 10;

    private Failures() {}

    /** @return what the action returns; a future that holds whatever it throws */
    static <T> CompletableFuture<T> caught(Supplier<CompletableFuture<T>> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** @return the error without the wrapping that futures put around it */
    public static Throwable cause(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /**
     * @return the classes and places of an error and its causes, for the server's own log: without their texts, which may quote
     *     payloads
     */
    public static String places(Throwable error) {
        StringBuilder text = new StringBuilder();
        Throwable each = error;
        for (int depth = 0; each != null && depth < MOST_CAUSES; each = each.getCause(), depth++) {
            text.append(depth == 0 ? "" : System.lineSeparator() + "caused by ").append(each.getClass().getName());
            for (StackTraceElement frame : each.getStackTrace()) {
                text.append(System.lineSeparator()).append("    at ").append(frame);
            }
        }
        return text.toString();
    }
}
