package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.http.QueueWhy.Pace;
import io.millrace.ingest.http.QueueWhy.Takers;
import io.millrace.ingest.http.QueueWhy.Work;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The causes for which work waits in a queue are told in sentences. */
class QueueWhyTest {

    private static final long NOW = 600_000;
    private static final Work NO_WORKFLOWS = new Work(false, 0, 0, new Pace(0, 0, 0, 0, List.of()));

    private static String sentence(String paused, Work tasks) {
        return sentence(paused, "", tasks);
    }

    private static String sentence(String paused, String limit, Work tasks) {
        return new QueueWhy("mails", paused, limit, 10, List.of(NO_WORKFLOWS, tasks)).sentence(NOW);
    }

    private static Work tasks(long came, long taken, Takers... takers) {
        return new Work(true, 3, NOW - 120_000, new Pace(1, came, taken, taken, List.of(takers)));
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

    /** Workers tell which kinds they know, and not which queue they poll: one of the two names may be misspelt. */
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
                                new Pace(0, 3, 0, 0, List.of(new Takers("pay", 3, 2, NOW, ""))))));
    }

    @Test
    void whatWaitsIsToldWithoutTheReadModelToo() {
        assertEquals(
                "In queue mails 3 tasks wait for a worker, the oldest since 1970-01-01T00:08:00Z, 2 minutes ago. The read model"
                        + " does not answer now, so who takes it and how fast is not known.",
                sentence("", new Work(true, 3, NOW - 120_000, null)));
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
