package io.millrace.proto.mac;

import io.millrace.proto.v1.MacVerdict;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which records of a topic are to be believed. Counts those that no node wrote, and logs one line for each burst of
 * them. Any thread.
 */
public final class SealCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SealCheck.class);

    private final RecordSeals seals;
    private final String topic;
    private final LongAdder foreign = new LongAdder();
    private final Bursts bursts = new Bursts();

    /** @param topic where the records stand */
    public SealCheck(RecordSeals seals, String topic) {
        this.seals = seals;
        this.topic = topic;
    }

    /**
     * @param place what the record belongs to
     * @param seal that it has, null for none
     * @return whether it is to be believed
     */
    public boolean believes(byte[] place, byte[] value, byte @Nullable [] seal) {
        MacVerdict verdict = seals.check(place, value, seal);
        if (verdict == MacVerdict.MAC_VALID || verdict == MacVerdict.MAC_UNCHECKED) {
            return true;
        }
        foreign.increment();
        boolean believed = seals.believes(verdict);
        note(verdict, believed);
        return believed;
    }

    /** @return records that no node wrote, so far */
    public long foreign() {
        return foreign.sum();
    }

    private void note(MacVerdict verdict, boolean believed) {
        if (bursts.begins()) {
            LOG.warn(
                    "a record of {} was not written by a node that is known here ({}) and is {}; others like it are counted"
                            + " only, until there was none for a minute",
                    topic,
                    verdict,
                    believed ? "believed all the same" : "passed over");
        }
    }
}
