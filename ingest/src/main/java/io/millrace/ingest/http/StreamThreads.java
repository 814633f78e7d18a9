package io.millrace.ingest.http;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The threads that write streams. A stream ends when what it tells of does, so a server that stops does not wait for it, as it does
 * for other requests. Safe from any thread.
 */
final class StreamThreads {

    private final Set<Thread> writing = ConcurrentHashMap.newKeySet();
    private volatile boolean ended;

    /** Writes a stream. */
    @FunctionalInterface
    interface Body {
        void write() throws IOException;
    }

    /** Writes a stream on this thread, which is interrupted when the server stops. */
    void write(Body body) throws IOException {
        Thread self = Thread.currentThread();
        writing.add(self);
        try {
            if (ended) {
                self.interrupt();
            }
            body.write();
        } finally {
            writing.remove(self);
        }
    }

    /** Interrupts all that write, and any that still come. */
    void end() {
        ended = true;
        writing.forEach(Thread::interrupt);
    }
}
