package io.millrace.infra.embedded;

import io.millrace.proto.thread.Recurring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Watches the free space of a data folder, so that the parts that write there can be stopped in order before it is used
 * up. On a full disk Kafka, PostgreSQL and the stores would each fail in their own way, with many words. Any thread.
 */
public final class DiskWatch implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(500);

    private final CompletableFuture<Void> low = new CompletableFuture<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon(true).name("millrace-disk-watch").factory());

    private DiskWatch() {}

    /**
     * Begins to look.
     *
     * @param leastBytes least space that must stay free
     */
    public static DiskWatch on(Path folder, long leastBytes) {
        DiskWatch watch = new DiskWatch();
        Recurring.start(
                watch.timer,
                Duration.ZERO,
                PERIOD,
                "could not look how full the disk is",
                () -> watch.look(folder, leastBytes));
        return watch;
    }

    private void look(Path folder, long leastBytes) {
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < leastBytes) {
                low.completeExceptionally(new EmbeddedStartException("expected the disk of the data folder " + folder
                        + " to have room, but there are " + free / (1024 * 1024)
                        + " MB left; make room and start again, nothing is lost"));
            }
        } catch (IOException e) {
            low.completeExceptionally(new EmbeddedStartException(
                    "expected to look at the disk of " + folder + ", but: " + FailureText.of(e), e));
        }
    }

    /** Completes exceptionally once there is too little space. Never completes otherwise. */
    public CompletionStage<Void> low() {
        return low.minimalCompletionStage();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
