package io.millrace.infra.bench;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Time in which a benchmark has the machine for itself, among benchmarks of several builds that name the same file. So each build is
 * measured while the machine is as it is for the others. One thread.
 */
final class MachineLock implements AutoCloseable {

    /** The system does not queue those who wait for a lock: one that gives it back lets others take it first. */
    private static final long REST_MS = 500;

    private final FileChannel file;

    private MachineLock(FileChannel file) {
        this.file = file;
    }

    /** Waits until no other process has its turn. */
    static MachineLock take(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            channel.lock();
            return new MachineLock(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Ends it, and lets others have theirs. */
    @Override
    public void close() throws IOException, InterruptedException {
        file.close();
        Thread.sleep(REST_MS);
    }
}
