package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Timers: sections 3.2, 4.2 and 6 of the contract. */
class TimerRulesTest extends Protocol {

    @Test
    void aTimerFiresOnceAndWakesItsWorkflow() {
        String id = waiting(Commands.timer("sleep-1", 200));

        assertEquals(id, claim().getId());
        assertEquals("sleep-1", only(id, "TIMER_FIRED").text("timerId"));
        suspend(id);
        assertNothingReady();
    }

    @Test
    void aTimerFiresNoSoonerThanItsTime() {
        long before = System.currentTimeMillis();
        String id = waiting(Commands.timer("sleep-1", 700));
        awaitLast(id, "TIMER_FIRED");

        assertTrue(System.currentTimeMillis() - before >= 700);
    }

    @Test
    void aTimerOfNoTimeFiresAtOnce() {
        String id = waiting(Commands.timer("zero", 0), Commands.timer("past", -5));

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TIMER_STARTED",
                        "TIMER_FIRED",
                        "TIMER_STARTED",
                        "TIMER_FIRED",
                        "WORKFLOW_SUSPENDED"),
                types(id));
        assertEquals(id, claim().getId());
    }

    @Test
    void timersFireInTheOrderOfTheirTimes() {
        String id = waiting(Commands.timer("third", 500), Commands.timer("first", 100), Commands.timer("second", 300));
        awaitTimers(id, 3);

        List<String> fired = history(id).stream()
                .filter(event -> event.type().equals("TIMER_FIRED"))
                .map(event -> event.text("timerId"))
                .toList();
        assertEquals(List.of("first", "second", "third"), fired);
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void aCancelledTimerNeverFires() {
        String id = waiting(Commands.timer("a", 10_000), Commands.timer("b", 60_000));
        signal(id, "on", "1");
        claim();
        suspend(id, Commands.cancelTimer("a"), Commands.cancelTimer("b"));
        // A timer that was set later, for later, fires: so would have this one.
        awaitTimers(waiting(Commands.timer("later", 10_100)), 1);

        assertEquals(
                List.of(
                        "WORKFLOW_STARTED",
                        "TIMER_STARTED",
                        "TIMER_STARTED",
                        "WORKFLOW_SUSPENDED",
                        "SIGNAL_RECEIVED",
                        "TIMER_CANCELLED",
                        "TIMER_CANCELLED",
                        "WORKFLOW_SUSPENDED"),
                types(id));
    }

    @Test
    void aTimerIsSettledOnceAndByOneEventOnly() {
        String id = waiting(Commands.timer("a", 1));
        awaitTimers(id, 1);
        claim();
        suspend(id, Commands.cancelTimer("a"), Commands.cancelTimer("nobody"));

        assertEquals(
                List.of("WORKFLOW_STARTED", "TIMER_STARTED", "WORKFLOW_SUSPENDED", "TIMER_FIRED", "WORKFLOW_SUSPENDED"),
                types(id));
    }

    @Test
    void timerIdsAreUniqueInTheirWorkflowOnly() {
        String one = waiting(Commands.timer("timer-0", 100));
        String two = waiting(Commands.timer("timer-0", 100));

        awaitTimers(one, 1);
        awaitTimers(two, 1);
    }

    @Test
    void manyTimersOfOneWorkflowAllFire() {
        String id = waiting(IntStream.range(0, 500)
                .mapToObj(i -> Commands.timer("timer-" + i, 100 + i % 7))
                .toArray(WorkflowCommand[]::new));

        awaitTimers(id, 500);
        assertEquals(
                500,
                history(id).stream()
                        .filter(event -> event.type().equals("TIMER_FIRED"))
                        .map(event -> event.text("timerId"))
                        .distinct()
                        .count());
    }

    @Test
    void aTimerOfAnyLengthIsTakenAndKeepsNoOtherWaiting() {
        String id = waiting(
                Commands.timer("past", Long.MIN_VALUE),
                Commands.timer("years", Duration.ofDays(3_650).toMillis()),
                Commands.timer("short", 5),
                Commands.timer("months", Duration.ofDays(90).toMillis()),
                Commands.timer("longest", Duration.ofDays(36_500).toMillis()));

        awaitTimers(id, 2);
        assertEquals(id, claim().getId());
        suspend(id, Commands.cancelTimer("longest"), Commands.cancelTimer("years"), Commands.timer("last", 1));
        awaitTimers(id, 3);

        assertEquals(
                List.of("past", "short", "last"),
                history(id).stream()
                        .filter(event -> event.type().equals("TIMER_FIRED"))
                        .map(event -> event.text("timerId"))
                        .toList());
    }

    private void awaitTimers(String id, int count) {
        Await.until(
                count + " timers of " + id,
                () -> types(id).stream().filter("TIMER_FIRED"::equals).count() == count);
    }
}
