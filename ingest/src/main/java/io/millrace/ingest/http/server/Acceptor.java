package io.millrace.ingest.http.server;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets connections in, on one thread, and goes on whatever fails. */
final class Acceptor extends ServerConnector {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long PAUSE_MS = 100;
    private static final long WARNING_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean failing;
    private long nextWarningNanos = System.nanoTime();
    private long unsaid;

    /** @param factories the first one makes connections; it may hand them on to the others */
    Acceptor(Server server, int selectors, ConnectionFactory... factories) {
        super(server, 1, selectors, factories);
    }

    /** @return whether the last try to let a connection in failed */
    boolean failing() {
        return failing;
    }

    @Override
    public void accept(int acceptor) throws IOException {
        super.accept(acceptor);
        failing = false;
    }

    /** Out of descriptors or memory, most likely: those who are served now will give some back. */
    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
        if (!isOpen()) {
            return false;
        }
        failing = true;
        try {
            stopped.await(PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stops) {
            return isRunning();
        }
        warn(failure);
        return true;
    }

    @Override
    protected void doStop() throws Exception {
        stopped.countDown();
        super.doStop();
    }

    /** Clients decide how often there is something to say: so it is one line in ten seconds at the most. */
    private void warn(Throwable failure) {
        long now = System.nanoTime();
        if (now - nextWarningNanos < 0) {
            unsaid++;
            return;
        }
        LOG.warn("expected to let in an HTTP connection, but could not, others={}: {}", unsaid, failure.toString());
        unsaid = 0;
        nextWarningNanos = now + WARNING_PAUSE_NANOS;
    }
}
