package io.millrace.infra.cli;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a server running until the process is told to end, by Ctrl-C or SIGTERM, and then stops it in order. */
public final class RunningUntilStopped {

    private static final Logger LOG = LoggerFactory.getLogger(RunningUntilStopped.class);

    private RunningUntilStopped() {}

    /**
     * Starts a server and has it stopped when the process ends. If that is to be while it starts, it is stopped as soon as
     * it has started: stopping half of it could leave something behind.
     *
     * @return the server
     */
    public static <T extends AutoCloseable> T start(Supplier<T> starter) {
        CompletableFuture<T> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started), "millrace-stop"));
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
     * @param stopped completes when it has stopped, exceptionally when nobody asked for it
     * @param err is told why, then
     * @return the exit code: 0 after an ordinary stop, 1 after one that nobody asked for
     */
    public static int await(CompletionStage<Void> stopped, PrintWriter err) {
        try {
            stopped.toCompletableFuture().join();
            return 0;
        } catch (CompletionException e) {
            Throwable cause = e.getCause() instanceof CompletionException inner && inner.getCause() != null
                    ? inner.getCause()
                    : e.getCause();
            err.println("millrace: stops by itself: " + cause.getMessage());
            return 1;
        }
    }

    /** @return a server that does not stop by itself */
    public static CompletionStage<Void> never() {
        return new CompletableFuture<>();
    }

    private static void stop(CompletableFuture<? extends AutoCloseable> started) {
        long begin = System.nanoTime();
        AutoCloseable server;
        try {
            server = started.join();
        } catch (CompletionException e) {
            return; // it did not start, and left nothing
        }
        try {
            server.close();
            LOG.info("stopped in {} ms", (System.nanoTime() - begin) / 1_000_000);
        } catch (Exception e) {
            LOG.warn("did not stop in order", e);
        }
    }
}
