package io.millrace.infra.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a server running until Ctrl-C or SIGTERM tells the process to end. Then stops the server in order. */
public final class RunningUntilStopped {

    private static final Logger LOG = LoggerFactory.getLogger(RunningUntilStopped.class);

    private RunningUntilStopped() {}

    /**
     * Starts a server, and makes sure that it is stopped when the process ends. If the process ends while the server
     * starts, it is stopped once it has started: half a server could leave something behind when it is stopped.
     *
     * @return the server
     */
    public static <T extends AutoCloseable> T start(Supplier<T> starter) {
        return start(starter, LOG::info);
    }

    /**
     * As above.
     *
     * @param told is told that the server stops, and when it has. Any thread
     */
    public static <T extends AutoCloseable> T start(Supplier<T> starter, Consumer<String> told) {
        CompletableFuture<T> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started, told), "millrace-stop"));
        try {
            T server = starter.get();
            started.complete(server);
            return server;
        } catch (Throwable e) {
            started.completeExceptionally(e);
            throw e;
        }
    }

    /**
     * Blocks until the server has stopped.
     *
     * @param stopped completes when the server has stopped; exceptionally if nobody asked it to
     * @param err told why the server stopped if nobody asked it to
     * @return the exit code: 0 after an ordinary stop, 1 after one that nobody asked for
     */
    public static int await(CompletionStage<Void> stopped, PrintWriter err) {
        try {
            stopped.toCompletableFuture().join();
            return 0;
        } catch (CompletionException e) {
            Throwable cause = e.getCause() instanceof CompletionException inner && inner.getCause() != null
                    ? inner.getCause()
                    : Objects.requireNonNullElse(e.getCause(), e);
            err.println("millrace: stops by itself: " + cause.getMessage());
            return 1;
        }
    }

    /** @return what never completes, for a server that does not stop by itself */
    public static CompletionStage<Void> never() {
        return new CompletableFuture<>();
    }

    private static void stop(CompletableFuture<? extends AutoCloseable> started, Consumer<String> told) {
        long begin = System.nanoTime();
        AutoCloseable server;
        try {
            server = started.join();
        } catch (CompletionException e) {
            return; // the server did not start, and left nothing behind
        }
        told.accept("stopping …");
        try {
            server.close();
            told.accept(String.format(Locale.ROOT, "stopped in %.1f s", (System.nanoTime() - begin) / 1e9));
        } catch (Exception e) {
            LOG.warn("did not stop in order", e);
        }
    }
}
