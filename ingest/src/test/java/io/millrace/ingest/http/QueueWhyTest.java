package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.http.QueueWhy.Pace;
import io.millrace.ingest.http.QueueWhy.Takers;
import io.millrace.ingest.http.QueueWhy.Work;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkType;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The causes for which work waits in a queue are told in sentences. */
class QueueWhyTest {

    private static final UUID ORG = new UUID(0, 7);
    private static final long NOW = 600_000;
    private static final QueuePollers POLLED = new QueuePollers(true, true, NOW, List.of());
    private static final QueuePollers UNKNOWN = new QueuePollers(false, false, 0, List.of());
    private static final Work NO_WORKFLOWS = new Work(false, 0, 0, POLLED, new Pace(0, 0, 0, 0, List.of()));

    private static String sentence(String paused, Work tasks) {
        return sentence(paused, "", tasks);
    }

    private static String sentence(String paused, String limit, Work tasks) {
        return new QueueWhy("mails", paused, limit, 10, List.of(NO_WORKFLOWS, tasks)).sentence(NOW);
    }

    private static Work tasks(long came, long taken, Takers... takers) {
        return new Work(true, 3, NOW - 120_000, POLLED, new Pace(1, came, taken, taken, List.of(takers)));
    }

    @Test
    void aLimitIsToldWhereSomethingWaits() {
        assertEquals("Nothing waits in queue mails.", sentence("", "It is held back.", NO_WORKFLOWS));
        assertTrue(sentence("", "It is held back.", tasks(3, 1)).contains(" It is held back."));
    }

    @Test
    void anEmptyQueueHasNothingThatWaits() {
        assertEquals("Nothing waits in queue mails.", sentence("", NO_WORKFLOWS));
    }

    @Test
    void whereNoWorkerLivesThatIsTheCause() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. No worker is"
                        + " known to live that registered the task kind pay, of which 3 are pending.",
                sentence("", tasks(3, 0, new Takers("pay", 3, 0, 0, ""))));
    }

    @Test
    void whereMoreComesThanIsTakenThatIsTheCause() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. In the last 10"
                        + " minutes 9 tasks came and 1 was taken, while 1 is with workers: more comes than the workers take.",
                sentence("", tasks(9, 1, new Takers("pay", 3, 2, NOW, ""))));
    }

    @Test
    void workersThatLiveAndTakeNothingAreTheCause() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. In the last 10"
                        + " minutes 0 tasks came and 0 were taken, while 1 is with workers: its workers live, and take nothing.",
                sentence("", tasks(0, 0, new Takers("pay", 3, 2, NOW, ""))));
    }

    /** Of a great many queues not all are known that are polled. */
    @Test
    void aQueueThatNobodyPollsIsNotCalledSlow() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. In the last 10"
                        + " minutes 3 tasks came and 0 were taken, while 0 are with workers: workers that registered what waits"
                        + " live, and take nothing here; look whether they poll another queue.",
                sentence(
                        "",
                        new Work(
                                true,
                                3,
                                NOW - 120_000,
                                UNKNOWN,
                                new Pace(0, 3, 0, 0, List.of(new Takers("pay", 3, 2, NOW, ""))))));
    }

    private static Work tasksOf(QueuePollers pollers) {
        return new Work(
                true, 3, NOW - 120_000, pollers, new Pace(0, 3, 0, 0, List.of(new Takers("pay", 3, 2, NOW, ""))));
    }

    @Test
    void aNameThatNobodyPollsIsToldWithThoseThatMayHaveBeenMeant() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. No worker is"
                        + " known to have polled queue mails for tasks; polled for tasks: mail, e-mails.",
                sentence("", tasksOf(new QueuePollers(true, false, 0, List.of("mail", "e-mails")))));
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. No worker has"
                        + " polled queue mails for tasks since 1970-01-01T00:01:00Z.",
                sentence("", tasksOf(new QueuePollers(true, false, 60_000, List.of()))));
    }

    @Test
    void whatIsPolledAndLikeAQueueIsFound() {
        AtomicLong nowMs = new AtomicLong(NOW);
        MemoryDirectory directory = new MemoryDirectory(() -> Instant.ofEpochMilli(nowMs.get()));
        Principal ann = Principal.newBuilder().setId("ann").build();
        Caller caller = new Caller(ORG, "", ann, "");
        for (String queue : List.of("orders", "Order_s", "billing", "order-mails", "parcels")) {
            directory.polled(ORG, queue, WorkType.TASK);
        }
        directory.polled(ORG, "ordres", WorkType.WORKFLOW);
        directory.polled(UUID.randomUUID(), "ordre", WorkType.TASK);

        QueuePollers mistyped = QueuePollers.of(directory, caller, "ordes", WorkType.TASK);
        assertEquals(List.of("Order_s", "orders"), mistyped.others());
        assertFalse(mistyped.polled());
        assertEquals(
                List.of("Order_s", "orders", "order-mails"),
                QueuePollers.of(directory, caller, "order", WorkType.TASK).others());
        assertEquals(
                List.of(),
                QueuePollers.of(directory, caller, "nothing", WorkType.TASK).others());
        // Where few are polled, all may have been meant.
        assertEquals(
                List.of("ordres"),
                QueuePollers.of(directory, caller, "nothing", WorkType.WORKFLOW).others());
        assertTrue(QueuePollers.of(directory, caller, "orders", WorkType.TASK).polled());
        // What a key is not for is not told to who shows it.
        Caller kept = new Caller(ORG, "", ann, "", new Scope(Set.of("orders"), Set.of()));
        assertEquals(
                List.of("orders"),
                QueuePollers.of(directory, kept, "ordes", WorkType.TASK).others());

        nowMs.addAndGet(600_000);
        directory.polled(ORG, "billing", WorkType.TASK);
        QueuePollers gone = QueuePollers.of(directory, caller, "orders", WorkType.TASK);
        assertFalse(gone.polled());
        assertEquals(List.of("billing"), gone.others());
        assertTrue(gone.lastMs() > 0);
    }

    @Test
    void ofAGreatManyQueuesNobodySaysThatOneIsNotPolled() {
        MemoryDirectory directory = new MemoryDirectory();
        Caller caller = new Caller(ORG, "", Principal.newBuilder().setId("ann").build(), "");
        for (int i = 0; i < 10_000; i++) {
            directory.polled(ORG, "q" + i, WorkType.TASK);
        }

        QueuePollers pollers = QueuePollers.of(directory, caller, "nothing", WorkType.TASK);

        assertFalse(pollers.known());
        assertEquals("", pollers.sentence("nothing", true));
    }

    @Test
    void whatWaitsIsToldWithoutTheReadModelToo() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. The read model"
                        + " does not answer now, so who takes it and how fast is not known.",
                sentence("", new Work(true, 3, NOW - 120_000, POLLED, null)));
    }

    @Test
    void aPausedQueueIsNotCalledSlow() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. It is paused"
                        + " since noon by ada; nothing of it is handed out until it is resumed.",
                sentence("since noon by ada", tasks(9, 1, new Takers("pay", 3, 2, NOW, ""))));
    }

    @Test
    void workersThatLiveAreNotBlamedForAKindThatIsPaused() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. The task kind pay"
                        + " is paused since noon by ada; nothing of it is handed out until it is resumed.",
                sentence("", tasks(0, 0, new Takers("pay", 3, 2, NOW, "since noon by ada"))));
    }
}
