package io.millrace.notifier.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.v1.Principal;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HostTest {

    private static final UUID ORG = new UUID(1, 2);
    private static final WorkerId WORKER = worker("one thread");
    private static final WorkerId OTHER = worker("another process");

    private final Host host = new Host();

    @Test
    void aThreadThatMakesCallsBetweenItsPollsIsWantedForSomeSeconds() {
        assertFalse(poll(WORKER, 1_000));
        host.clientCalled(1_205);

        assertTrue(poll(WORKER, 1_210));
        assertTrue(poll(WORKER, 1_205 + Host.NEAR_MS - 1));
        assertFalse(poll(WORKER, 1_205 + Host.NEAR_MS));
    }

    @Test
    void aCallThatComesWhileAPollIsHeldIsAnotherThreads() {
        poll(WORKER, 1_000);
        host.clientCalled(1_205);
        assertTrue(host.begins(WORKER, 1_210));
        host.clientCalled(1_215);
        host.ends(WORKER, 1_220);
        host.clientCalled(1_225); // between two polls, by chance

        assertFalse(poll(WORKER, 1_230));
        host.clientCalled(1_215 + Host.APART_MS);
        assertTrue(poll(WORKER, 1_216 + Host.APART_MS));
    }

    @Test
    void eachWorkerIsLookedAtByItself() {
        poll(WORKER, 1_000);
        host.begins(OTHER, 1_000);
        host.clientCalled(1_205);
        host.ends(OTHER, 1_206);

        assertTrue(poll(WORKER, 1_210));
        assertFalse(poll(OTHER, 1_210));
    }

    @Test
    void nothingIsSaidOfACrowdBehindAProxyAndNothingKeptOfThoseWhoHaveGone() {
        for (int i = 0; i < 10 * Host.MAX_POLLERS; i++) {
            poll(worker("worker " + i), 1_000);
        }
        assertEquals(Host.MAX_POLLERS, host.size());
        host.clientCalled(1_205);
        assertFalse(poll(worker("worker " + (10 * Host.MAX_POLLERS - 1)), 1_210));

        host.clientCalled(1_205 + Host.APART_MS);
        assertEquals(0, host.size());
    }

    private boolean poll(WorkerId worker, long atMs) {
        boolean wanted = host.begins(worker, atMs);
        host.ends(worker, atMs + 1);
        return wanted;
    }

    private static WorkerId worker(String name) {
        return new WorkerId(ORG, name, name, Principal.getDefaultInstance());
    }
}
