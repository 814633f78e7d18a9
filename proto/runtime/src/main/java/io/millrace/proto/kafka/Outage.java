package io.millrace.proto.kafka;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs once that something fails, and once that it works again, however often it failed in between. Safe from any
 * thread.
 */
public final class Outage {

    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private final String what;
    private final AtomicLong failures = new AtomicLong();

    /** @param what text for the log, which says what fails */
    public Outage(String what) {
        this.what = what;
    }

    /** To be called at each failure, not only at the first. */
    public void failed(Throwable cause) {
        if (failures.getAndIncrement() == 0) {
            LOG.warn("{}", what, cause);
        }
    }

    /** To be called when it works, as often as you like. */
    public void over() {
        long count = failures.get() == 0 ? 0 : failures.getAndSet(0);
        if (count > 0) {
            LOG.info("over after {} failures: {}", count, what);
        }
    }
}
