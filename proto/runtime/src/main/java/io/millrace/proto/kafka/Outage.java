package io.millrace.proto.kafka;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that something fails, and once that it works again, however often it failed in between. Safe from any thread. */
public final class Outage {

    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

    private final String what;
    private final AtomicLong failures = new AtomicLong();

    /** @param what fails while it lasts, as the log says it */
    public Outage(String what) {
        this.what = what;
    }

    /** It failed, the first time or once more. */
    public void failed(Throwable cause) {
        if (failures.getAndIncrement() == 0) {
            LOG.warn("{}", what, cause);
        }
    }

    /** It works. */
    public void over() {
        long count = failures.get() == 0 ? 0 : failures.getAndSet(0);
        if (count > 0) {
            LOG.info("over after {} failures: {}", count, what);
        }
    }
}
