package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.time.Duration;
import java.util.List;

/**
 * Settings of the notary.
 *
 * @param database where Kafka is, and PostgreSQL
 * @param partitions of the events, and so how many logs there are
 * @param origin of the installation; that of a partition's log is this, a slash and its number
 * @param keys that sign, all of them
 * @param interval time between checkpoints, at the least, unless one is asked for
 * @param patrolRate outcomes that are read again in a second, in all; 0: none
 * @param witnesses who are asked to sign
 */
public record NotaryConfig(
        ReadModelConfig database,
        int partitions,
        String origin,
        List<SigningKey> keys,
        Duration interval,
        int patrolRate,
        List<WitnessAddress> witnesses) {

    /** @return the origin of a partition's log */
    public String origin(int partition) {
        return origin + "/" + partition;
    }

    /** @return what signs the checkpoints of a partition's log */
    List<NoteSigner> signers(int partition) {
        return keys.stream()
                .map(key -> key.signer(origin(partition), Purpose.LOG))
                .toList();
    }
}
