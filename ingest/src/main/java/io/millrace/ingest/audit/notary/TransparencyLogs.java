package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.tlog.NoteSigner;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TilePath;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.queries.QueriesUnavailableException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The transparency logs as others read them, from PostgreSQL, so that any node can tell of all. Until {@link #open} was called, and
 * where there are none, each method throws {@link QueriesUnavailableException}, as when the database fails. Any thread.
 */
public final class TransparencyLogs {

    private volatile @Nullable Opened opened;
    private volatile String missing;

    private record Opened(NotaryConfig config, LogStore store, ExecutionProofs proofs) {}

    /** What is asked of the database. */
    private interface Question<T> {
        T ask() throws SQLException;
    }

    /** @param missing why there are none, until they are opened: "expected …, but …" */
    public TransparencyLogs(String missing) {
        this.missing = missing;
    }

    /** Lets them be read from now on. */
    public void open(NotaryConfig config, NotaryDatabase database) {
        LogStore store = new LogStore(database.ofReaders());
        opened = new Opened(config, store, new ExecutionProofs(config, database.ofReaders(), store));
    }

    /** Says why they are still not there. */
    public void stillClosed(String because) {
        missing = because;
    }

    private Opened opened() {
        Opened now = opened;
        if (now == null) {
            throw new QueriesUnavailableException(missing, null);
        }
        return now;
    }

    private static <T> T ask(Question<T> question) {
        try {
            return question.ask();
        } catch (SQLException | NotaryException | TlogException e) {
            throw new QueriesUnavailableException(
                    "expected the transparency logs to answer, but their database does not", e);
        }
    }

    /** @return how each log stands, in the order of the partitions */
    public List<LogState> states() {
        return ask(opened().store()::states);
    }

    /** @return the origin of the log */
    public String origin(int partition) {
        return opened().config().origin(partition);
    }

    /** @return the newest checkpoint, with the cosignatures that it has so far */
    public Optional<SignedNote> checkpoint(int partition) {
        return ask(() -> opened().store().state(partition)).flatMap(LogState::checkpoint);
    }

    /** @return the statements of keys of the log, in order */
    public List<SignedNote> keyStatements(int partition) {
        return ask(() -> opened().store().keyStatements(partition, Long.MAX_VALUE));
    }

    /** @return the tile, or the bundle of entries, if it is there in this width */
    public Optional<byte[]> tile(int partition, TilePath path) {
        return ask(() -> opened().store().tile(partition, path));
    }

    /** @return the keys by which the checkpoints of all logs are checked now */
    public List<VerifierKey> keys() {
        NotaryConfig config = opened().config();
        List<VerifierKey> keys = new ArrayList<>();
        for (int partition = 0; partition < config.partitions(); partition++) {
            config.signers(partition).stream().map(NoteSigner::key).forEach(keys::add);
        }
        return keys;
    }

    /**
     * Proves all that the log knows of an execution. It waits until a checkpoint covers it, for some seconds at the most, and blocks.
     *
     * @param orgId whose it is
     * @return the file, to be written and closed; nothing if the organisation has no such execution
     */
    public Optional<ExecutionProof> prove(UUID orgId, UUID executionId) {
        return ask(() -> opened().proofs().open(orgId, executionId));
    }
}
