package io.millrace.infra.embedded;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a server needs besides itself, as parts of this process: Kafka with its topics, and PostgreSQL. Both start at
 * the same time, and users of Kafka need not wait for the database. Safe from any thread.
 */
public final class EmbeddedBackends implements AutoCloseable {

    /** Enough for all parts to write what they still have to write, and to stop. */
    private static final long RESERVE_BYTES = 32L * 1024 * 1024;

    private static final String KAFKA = "Kafka";
    private static final String POSTGRES = "PostgreSQL";

    /** Kafka is in this process, so it will answer. How long that takes depends on the machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final EmbeddedKafka kafka;
    private final DiskWatch disk;
    private final Optional<Starting> database;

    /** A database, and the thread that starts it. */
    private record Starting(Thread thread, CompletableFuture<EmbeddedDatabase> started) {}

    private EmbeddedBackends(EmbeddedKafka kafka, DiskWatch disk, Optional<Starting> database) {
        this.kafka = kafka;
        this.disk = disk;
        this.database = database;
    }

    /**
     * Starts both. Returns when Kafka is there and has the topics; the database may still be starting.
     *
     * @param data the folder of all data, made if there is none, and closed to other users; the same folder can be used
     *     again after a stop or a kill
     * @param withDatabase whether PostgreSQL is wanted
     * @throws io.millrace.infra.embedded.EmbeddedStartException if Kafka cannot start
     * @throws io.millrace.infra.topics.TopicException if topics of an earlier run do not fit
     */
    public static EmbeddedBackends start(Path data, TopicPlan topics, boolean withDatabase) {
        return start(data, topics, withDatabase, StartProgress.SILENT);
    }

    /**
     * As above.
     *
     * @param progress told of the two as they start, on any thread
     */
    public static EmbeddedBackends start(Path data, TopicPlan topics, boolean withDatabase, StartProgress progress) {
        PrivateFolder.prepare(data);
        Optional<Starting> database = withDatabase
                ? Optional.of(onOwnThread(() -> startDatabase(data.resolve("postgres"), progress)))
                : Optional.empty();
        EmbeddedKafka kafka = null;
        try {
            progress.begins(KAFKA);
            kafka = EmbeddedKafka.start(data.resolve("kafka"), 0);
            try (TopicAdmin admin = new TopicAdmin(
                    kafka.access().bootstrapServers(), kafka.access().properties(), topics, PATIENCE)) {
                admin.createMissing();
                admin.mend();
                admin.check();
            }
            progress.ends(KAFKA);
            return new EmbeddedBackends(kafka, DiskWatch.on(data, RESERVE_BYTES), database);
        } catch (Throwable e) {
            stop(kafka, database);
            throw e;
        }
    }

    private static EmbeddedDatabase startDatabase(Path folder, StartProgress progress) {
        progress.begins(POSTGRES);
        EmbeddedDatabase database = EmbeddedDatabase.start(folder);
        progress.ends(POSTGRES);
        return database;
    }

    private static Starting onOwnThread(Supplier<EmbeddedDatabase> start) {
        CompletableFuture<EmbeddedDatabase> started = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform()
                .name("millrace-postgres-start")
                .daemon(true)
                .start(() -> {
                    try {
                        started.complete(start.get());
                    } catch (Throwable e) {
                        started.completeExceptionally(e);
                    }
                });
        return new Starting(thread, started);
    }

    /** @return what clients of its Kafka need */
    public KafkaAccess kafka() {
        return kafka.access();
    }

    /** @return where the database is, once it is there; nothing if none was wanted */
    public Optional<CompletableFuture<DatabaseSettings>> database() {
        return database.map(starting -> starting.started()
                .thenApply(there -> new DatabaseSettings(
                        there.jdbcUrl(), there.user(), there.password(), DatabaseSettings.POOL_SIZE)));
    }

    /** Tells when Kafka has stopped. Exceptionally if it did so by itself, or if the disk is about to be full. */
    public CompletionStage<Void> stopped() {
        return CompletableFuture.anyOf(
                        kafka.stopped().toCompletableFuture(), disk.low().toCompletableFuture())
                .thenApply(any -> null);
    }

    /** Stops both and waits until they have stopped. A second call does nothing. */
    @Override
    public void close() {
        disk.close();
        stop(kafka, database);
    }

    private static void stop(@Nullable EmbeddedKafka kafka, Optional<Starting> database) {
        CompletableFuture<Void> databaseStopped =
                database.map(EmbeddedBackends::stop).orElse(CompletableFuture.completedFuture(null));
        try {
            if (kafka != null) {
                kafka.close();
            }
        } finally {
            databaseStopped.join();
        }
    }

    /** Interrupts a start, which may have a long log to recover. An interrupted start cleans up after itself. */
    private static CompletableFuture<Void> stop(Starting starting) {
        starting.thread().interrupt();
        return CompletableFuture.runAsync(() -> {
            EmbeddedDatabase there;
            try {
                there = starting.started().join();
            } catch (CompletionException e) {
                return; // nothing to stop; the users of the database have been told why
            }
            there.close();
        });
    }
}
