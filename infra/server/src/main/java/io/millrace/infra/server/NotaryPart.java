package io.millrace.infra.server;

import io.millrace.infra.config.NotarySettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.notary.Notary;
import io.millrace.ingest.audit.notary.NotaryConfig;
import io.millrace.ingest.audit.notary.NotaryDatabase;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.readmodel.ReadModelConfig;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The notary of this node, if there are keys for it. It starts once the database is there. One thread at a time, where nothing else is said. */
final class NotaryPart {

    private static final Logger LOG = LoggerFactory.getLogger(NotaryPart.class);

    private final ServerConfig config;
    private final Optional<List<SigningKey>> keys;
    private final TransparencyLogs logs;
    private volatile Optional<Notary> open = Optional.empty();

    /**
     * Reads the keys.
     *
     * @throws io.millrace.ingest.audit.keys.KeyException if they cannot be read
     */
    NotaryPart(ServerConfig config) {
        this.config = config;
        keys = config.notary().map(NotarySettings::keys);
        logs = new TransparencyLogs(
                keys.isEmpty()
                        ? "expected transparency logs, but there is no audit.key_file, and so nobody signs them"
                        : "expected transparency logs to be open, but their database is not there yet");
    }

    /** @return the keys that sign; none if there are no logs */
    List<SigningKey> signing() {
        return keys.orElse(List.of());
    }

    /** @return the logs, which stay closed until {@link #open} has worked */
    TransparencyLogs logs() {
        return logs;
    }

    /** @return whether the logs of this node are kept and signed, as far as is known; on any thread */
    boolean isReady() {
        return open.map(signing -> signing.notReady().isEmpty()).orElse(false);
    }

    /** Starts the notary. If that fails, the rest of the node runs on, and requests for proofs are told why. */
    void open(ReadModelConfig database, CloseStack parts) {
        if (keys.isEmpty()) {
            return;
        }
        NotarySettings settings = config.notary().orElseThrow();
        NotaryConfig notary = new NotaryConfig(
                database,
                config.topics().partitions(),
                settings.origin(),
                keys.get(),
                settings.interval(),
                settings.patrolRate(),
                settings.witnesses());
        try {
            NotaryDatabase opened = parts.push("notary's database", new NotaryDatabase(database));
            Notary signing = parts.push(
                    "notary", new Notary(notary, opened, Wiring.projectorMembership(config), Clock.systemUTC()));
            signing.start();
            logs.open(notary, opened);
            open = Optional.of(signing);
        } catch (RuntimeException e) {
            logs.stillClosed("expected transparency logs to be open, but they cannot be kept: " + e.getMessage());
            LOG.error("the transparency logs cannot be kept; nothing is signed until this node starts again", e);
        }
    }
}
