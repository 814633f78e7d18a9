package io.millrace.infra.torture;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder with a small disk of its own, in memory, which can be full. It takes root. What stands on it goes away with
 * {@link #close} or the end of this process. For one thread.
 */
final class SmallDisk implements AutoCloseable {

    private static final int MEGABYTES = 256;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path folder;
    private final Path filler;
    private final Thread cleaner = new Thread(this::unmount, "millrace-torture-disk");
    private boolean mounted;

    /**
     * Makes it.
     *
     * @param folder made if there is none
     * @throws IOException this machine, or this user, cannot; says why
     */
    SmallDisk(Path folder) throws IOException {
        this.folder = folder;
        filler = folder.resolve("filler");
        Files.createDirectories(folder);
        OsProgram.run(List.of(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                "size=" + MEGABYTES + "m,mode=700",
                "millrace-torture",
                folder.toString()));
        mounted = true;
        Runtime.getRuntime().addShutdownHook(cleaner);
    }

    /** Leaves no byte free. */
    void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] chunk = new byte[CHUNK_BYTES];
            for (int size = chunk.length; size > 0; size /= 2) {
                writeWhileItFits(out, chunk, size);
            }
        }
    }

    private static void writeWhileItFits(OutputStream out, byte[] chunk, int size) {
        try {
            while (true) {
                out.write(chunk, 0, size);
            }
        } catch (IOException full) {
            // That is what it is for.
        }
    }

    /** Gives the space back. */
    void free() throws IOException {
        Files.deleteIfExists(filler);
    }

    @Override
    public void close() {
        unmount();
        Runtime.getRuntime().removeShutdownHook(cleaner);
    }

    private synchronized void unmount() {
        if (!mounted) {
            return;
        }
        mounted = false;
        try {
            OsProgram.run(List.of("umount", "-l", folder.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
