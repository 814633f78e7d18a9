package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Lets only one start at a time use a data folder, in this process or another. The operating system releases the lock
 * when the process dies, so a crash never leaves one behind.
 */
final class FolderLock implements AutoCloseable {

    /** Name of the file within the folder. */
    static final String FILE = "millrace.lock";

    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Creates the folder if there is none, closes it to other users, and locks it.
     *
     * @throws EmbeddedStartException if somebody else holds the lock, or the folder cannot be used
     */
    static FolderLock take(Path folder) {
        return tryTake(folder)
                .orElseThrow(() -> new EmbeddedStartException("expected the data folder " + folder
                        + " to be free, but a running Millrace uses it; stop that one, or choose another folder"));
    }

    /**
     * @return whether a running process, this one or another, holds the lock of the folder
     * @throws EmbeddedStartException if the folder cannot be used
     */
    static boolean isHeld(Path folder) {
        Optional<FolderLock> free = tryTake(folder);
        free.ifPresent(FolderLock::close);
        return free.isEmpty();
    }

    /** @return empty if somebody else holds the lock */
    private static Optional<FolderLock> tryTake(Path folder) {
        try {
            PrivateFolder.prepare(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(channel)) {
                channel.close();
                return Optional.empty();
            }
            return Optional.of(new FolderLock(channel));
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to create and lock the data folder " + folder + ", but: " + FailureText.of(e), e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
