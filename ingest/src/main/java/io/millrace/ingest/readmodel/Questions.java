package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.QueriesUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Puts questions to PostgreSQL: on threads that may wait, each in its turn, and none for long. */
final class Questions {

    /** How long a statement may take, and how long a question waits for its turn. */
    static final int LIMIT_SECONDS = 15;

    private static final String CANCELLED_FOR_TIME = "57014";

    private final ReadModelDatabase database;
    private final Executor threads;
    private final Map<UUID, Semaphore> turnsOf = new ConcurrentHashMap<>();

    /** @param threads on which questions wait for their answers */
    Questions(ReadModelDatabase database, Executor threads) {
        this.database = database;
        this.threads = threads;
    }

    @FunctionalInterface
    interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    /** No organisation has more than half of the connections: one with slow questions leaves the rest to others. */
    <T> CompletableFuture<T> ask(UUID orgId, Question<T> question) {
        Semaphore turns =
                turnsOf.computeIfAbsent(orgId, org -> new Semaphore(Math.max(1, database.connections() / 2), true));
        return CompletableFuture.supplyAsync(
                () -> {
                    awaitTurn(turns);
                    try {
                        return ask(question);
                    } finally {
                        turns.release();
                    }
                },
                threads);
    }

    private static void awaitTurn(Semaphore turns) {
        try {
            if (!turns.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new QueriesUnavailableException(
                        "expected the organisation's questions to the read model to be answered in their turn, but those"
                                + " before took more than " + LIMIT_SECONDS + " s",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QueriesUnavailableException("interrupted while the read model was to be asked", e);
        }
    }

    private <T> T ask(Question<T> question) {
        try (Connection connection = database.connection()) {
            connection.setReadOnly(true);
            T answer = question.ask(connection);
            connection.rollback();
            return answer;
        } catch (SQLException e) {
            if (CANCELLED_FOR_TIME.equals(e.getSQLState())) {
                throw new QueriesUnavailableException(
                        "expected the read model's database to answer within " + LIMIT_SECONDS
                                + " s, but what was asked takes longer: ask for less, for example by"
                                + " created > -7d",
                        e);
            }
            throw new QueriesUnavailableException(
                    "expected the read model's database to answer, but it did not: " + e.getMessage(), e);
        }
    }
}
