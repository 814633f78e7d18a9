package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.limits.ReachedLimits;
import io.millrace.ingest.queries.Holdings;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class QuotasTest {

    private static final UUID ORG = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final long PATIENCE_MS = 300_000;
    private static final int OPEN = 3;
    private static final Caller CALLER =
            new Caller(ORG, "alpha", Principal.newBuilder().setId("ann").build(), "peer");

    private final Access access = AccessFile.parse("""
            [[orgs]]
            id = "%s"
            name = "Alpha"
            slug = "alpha"
            [orgs.limits]
            open_workflows = %d
            [auth]
            enabled = false
            """.formatted(ORG, OPEN));
    private final MemoryQueries queries = new MemoryQueries();

    @Test
    void nothingIsRefusedWhileNobodyCanCount() throws InterruptedException {
        queries.holdings = new Holdings(OPEN, 0);
        try (Quotas quotas = new Quotas(access, queries, new ReachedLimits())) {
            awaitRefused(quotas, true);
            queries.away = true;
            awaitRefused(quotas, false);
            for (int i = 0; i < 10 * OPEN; i++) {
                assertTrue(starts(quotas), "ends are not heard of while PostgreSQL is away");
            }
            queries.away = false;
            awaitRefused(quotas, true);
            queries.holdings = new Holdings(0, 0);
            awaitRefused(quotas, false);
        }
    }

    @Test
    void whatOpensNothingPassesAFullQuotaAndNobodyIsAskedBeforeItIsFull() throws Exception {
        queries.holdings = new Holdings(0, 0);
        try (Quotas quotas = new Quotas(access, queries, new ReachedLimits())) {
            CompletableFuture<Optional<UUID>> found = new CompletableFuture<>();
            quotas.startsUnlessFound(CALLER, () -> found).get(); // does not wait for it
            queries.holdings = new Holdings(OPEN, 0);
            awaitRefused(quotas, true);

            CompletableFuture<Void> waits = quotas.startsUnlessFound(CALLER, () -> found);
            assertFalse(waits.isDone());
            found.complete(Optional.of(UUID.randomUUID()));
            waits.get();
            CompletableFuture<Void> opens =
                    quotas.startsUnlessFound(CALLER, () -> CompletableFuture.completedFuture(Optional.empty()));

            ExecutionException refused = assertThrows(ExecutionException.class, opens::get);
            assertInstanceOf(RefusedException.class, refused.getCause());
        }
    }

    private static void awaitRefused(Quotas quotas, boolean wanted) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
        while (starts(quotas) == wanted) {
            assertTrue(System.nanoTime() < until, "expected a start to be " + (wanted ? "refused" : "let through"));
            Thread.sleep(20);
        }
    }

    private static boolean starts(Quotas quotas) {
        try {
            quotas.startsWorkflow(CALLER);
            quotas.startedNone(CALLER);
            return true;
        } catch (RefusedException refused) {
            return false;
        }
    }
}
