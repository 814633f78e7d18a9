package io.millrace.infra.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes parts, the last one first. If a part fails to close, the others are closed all the same. Safe from any thread;
 * a part that is added after the closing is closed at once.
 */
public final class CloseStack implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CloseStack.class);

    private final Deque<Part> parts = new ArrayDeque<>();
    private boolean closed;

    private record Part(String name, AutoCloseable part) {}

    /**
     * Takes over the closing of the part.
     *
     * @param name name of the part in messages
     * @return the part
     */
    public <T extends AutoCloseable> T push(String name, T part) {
        synchronized (this) {
            if (!closed) {
                parts.push(new Part(name, part));
                return part;
            }
        }
        close(new Part(name, part));
        return part;
    }

    /** Closes all parts. A second call does nothing. */
    @Override
    public void close() {
        while (true) {
            Part next;
            synchronized (this) {
                closed = true;
                next = parts.poll();
            }
            if (next == null) {
                return;
            }
            close(next);
        }
    }

    private static void close(Part part) {
        try {
            part.part().close();
        } catch (Exception e) {
            LOG.warn("could not close the {}", part.name(), e);
        }
    }
}
