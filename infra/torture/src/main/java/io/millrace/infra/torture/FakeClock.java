package io.millrace.infra.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The time of day of one process, which can jump. It takes libfaketime, which stands between the process and the system's clock. What
 * measures how long something takes goes on as ever, as where somebody sets the clock of a machine. For one thread.
 */
final class FakeClock {

    private static final String LIBRARY = "libfaketimeMT.so.1";
    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final int DEPTH = 3;

    private final Path library;
    private final Path file;

    /**
     * One that is right.
     *
     * @param library as {@link #library} finds it
     * @param file from which the process learns of jumps, within a second
     */
    FakeClock(Path library, Path file) throws IOException {
        this.library = library;
        this.file = file;
        set(Duration.ZERO);
    }

    /** @return the library, where it is installed */
    static Optional<Path> library() throws IOException {
        try (Stream<Path> all =
                Files.find(LIBRARIES, DEPTH, (path, attributes) -> path.endsWith(Path.of("faketime", LIBRARY)))) {
            return all.findFirst();
        }
    }

    /**
     * Timed waits have to go by the clock that is not touched. The library's workaround for old systems lets each of them end at once, so
     * that all threads spin; where it thinks that it is needed, it has to be told.
     *
     * @return words of a command that runs the command behind it by this clock, in its own process
     */
    List<String> within() {
        return List.of(
                "env",
                "LD_PRELOAD=" + library,
                "FAKETIME_TIMESTAMP_FILE=" + file,
                "FAKETIME_CACHE_DURATION=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "FAKETIME_FORCE_MONOTONIC_FIX=0");
    }

    /** Lets it go ahead of the right time by so much, or behind it. */
    void set(Duration ahead) throws IOException {
        Path draft = Files.writeString(
                file.resolveSibling(file.getFileName() + ".new"),
                (ahead.isNegative() ? "-" : "+") + ahead.abs().toSeconds() + "s\n");
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
