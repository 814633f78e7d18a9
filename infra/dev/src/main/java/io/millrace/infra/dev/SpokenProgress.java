package io.millrace.infra.dev;

import io.millrace.infra.embedded.StartProgress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Says which parts of a server start, how long each took, and every few seconds which parts have not started yet. Safe
 * from any thread.
 */
final class SpokenProgress implements StartProgress, AutoCloseable {

    private static final Duration SAY_AGAIN = Duration.ofSeconds(5);

    private final PrintWriter out;
    private final LongSupplier nanos;
    private final Map<String, Long> begun = new LinkedHashMap<>();
    private final Thread again =
            Thread.ofPlatform().name("millrace-progress").daemon(true).unstarted(this::sayAgainAndAgain);

    private SpokenProgress(PrintWriter out, LongSupplier nanos) {
        this.out = out;
        this.nanos = nanos;
    }

    /**
     * @param nanos the time, from any origin.
     *
     * @return one that says nothing by itself
     */
    static SpokenProgress quiet(PrintWriter out, LongSupplier nanos) {
        return new SpokenProgress(out, nanos);
    }

    /** @return one that says every few seconds which parts have not started yet, until it is closed */
    static SpokenProgress to(PrintWriter out) {
        SpokenProgress progress = new SpokenProgress(out, System::nanoTime);
        progress.again.start();
        return progress;
    }

    @Override
    public synchronized void begins(String part) {
        begun.put(part, nanos.getAsLong());
        out.println("millrace: starting " + part + " …");
    }

    @Override
    public synchronized void ends(String part) {
        out.println(
                "millrace: " + part + " has started, in " + seconds(Objects.requireNonNull(begun.remove(part), part)));
    }

    /** Says of each part that has not started how long it has taken so far. */
    synchronized void sayWhatIsWaitedFor() {
        begun.forEach((part, since) -> out.println("millrace: still starting " + part + ", for " + seconds(since)));
    }

    private void sayAgainAndAgain() {
        try {
            while (true) {
                Thread.sleep(SAY_AGAIN);
                sayWhatIsWaitedFor();
            }
        } catch (InterruptedException closed) {
            // There is nothing left to say.
        }
    }

    private String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (nanos.getAsLong() - since) / 1e9);
    }

    @Override
    public void close() {
        again.interrupt();
    }
}
