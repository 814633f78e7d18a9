package io.millrace.infra.server;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelDatabase;
import io.millrace.ingest.readmodel.ReadModelProjector;
import io.millrace.ingest.readmodel.ReadModelQueries;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read model of this node. On a thread of its own it brings the schema up to date, starts the projector and opens
 * the gate. If the database cannot be reached, it tries again until it can, or until the node stops.
 */
final class NodeReadModel implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeReadModel.class);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final ServerConfig config;
    private final NotaryPart notary;
    private final ReadModelGate gate = new ReadModelGate();
    private final CloseStack parts = new CloseStack();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param address where the database is, once that is known; if it fails, that is final
     * @param notary opened together with the read model
     */
    NodeReadModel(ServerConfig config, CompletableFuture<DatabaseSettings> address, NotaryPart notary) {
        this.config = config;
        this.notary = notary;
        this.thread = Thread.ofPlatform()
                .name("millrace-read-model-start")
                .daemon(true)
                .start(() -> start(address));
    }

    private void start(CompletableFuture<DatabaseSettings> address) {
        try {
            DatabaseSettings database = address.get();
            while (!open(database)) {
                if (stopping.await(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (ExecutionException e) {
            gate.giveUp(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            LOG.error("the read model cannot be used", e);
            gate.giveUp(e);
        }
    }

    /** @return false if the database cannot be reached now */
    private boolean open(DatabaseSettings settings) {
        ReadModelConfig readModel = Wiring.readModel(config, settings);
        try {
            ReadModelDatabase database = parts.push("read model's database", new ReadModelDatabase(readModel));
            ReadModelProjector projector = parts.push(
                    "read model's projector", new ReadModelProjector(readModel, Wiring.projectorMembership(config)));
            projector.start();
            gate.open(new ReadModelQueries(database, projector));
            notary.open(readModel, parts);
            return true;
        } catch (RuntimeException e) {
            if (!isUnreachable(e)) {
                throw e;
            }
            gate.stillClosed("its database cannot be reached");
            LOG.warn(
                    "expected the read model's database at {} to answer, but it did not; will try again: {}",
                    settings.shown(),
                    e.getMessage());
            return false;
        }
    }

    /** The SQL standard has class 08 for trouble with the connection. PostgreSQL says 57P03 while it starts. */
    private static boolean isUnreachable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && sql.getSQLState() != null
                    && (sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P"))) {
                return true;
            }
        }
        return false;
    }

    ExecutionQueries queries() {
        return gate;
    }

    boolean isOpen() {
        return gate.isOpen();
    }

    CompletionStage<Void> opened() {
        return gate.opened();
    }

    /** Stops the projector, which finishes its present work, and closes the connections. */
    @Override
    public void close() {
        stopping.countDown();
        thread.interrupt();
        try {
            thread.join(STOP_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        parts.close();
    }
}
