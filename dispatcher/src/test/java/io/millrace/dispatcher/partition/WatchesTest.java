package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is woken by what, and on which thread. */
class WatchesTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID WORKFLOW = new UUID(2, 2);
    private static final UUID TASK = new UUID(3, 3);
    private static final int MANY = 1_000;

    private final Watches watches = new Watches();
    private final Queue<Runnable> elsewhere = new ArrayDeque<>();
    private final List<String> woken = new ArrayList<>();

    private static SealedEvent event(UUID taskId, Status status) {
        return new SealedEvent(WORKFLOW, ORG, taskId, 0, 1, "TYPE", new byte[0], 1, status, false, new byte[32]);
    }

    private void happened(UUID taskId, Status status) {
        watches.happened(List.of(event(taskId, status)));
    }

    private Runnable waker(String name) {
        return () -> woken.add(name);
    }

    @Test
    void theStreamThreadHandsOverOnceHoweverManyWatchTheSame() {
        List<Runnable> many =
                IntStream.range(0, MANY).mapToObj(i -> waker("watch " + i)).toList();
        many.forEach(wake -> watches.add(WORKFLOW, wake, elsewhere::add));

        happened(null, Status.RUNNING);
        happened(null, Status.WAITING);

        assertEquals(1, elsewhere.size());
        assertEquals(List.of(), woken);
        elsewhere.remove().run();
        assertEquals(MANY, woken.size());
        happened(null, Status.RUNNING); // and nothing that comes later is lost
        assertEquals(1, elsewhere.size());

        many.forEach(wake -> watches.remove(WORKFLOW, wake));
        elsewhere.remove().run();
        happened(null, Status.RUNNING);
        assertEquals(MANY, woken.size());
        assertTrue(elsewhere.isEmpty());
    }

    @Test
    void whoeverWaitsForAnEndIsWokenByThatAlone() {
        watches.addForEnd(WORKFLOW, null, waker("end"), elsewhere::add);

        for (Status open : List.of(Status.PENDING, Status.RUNNING, Status.WAITING)) {
            happened(null, open);
        }
        happened(TASK, Status.COMPLETED);
        assertEquals(List.of(), woken);

        happened(null, Status.FAILED);
        assertEquals(List.of("end"), woken);
    }

    @Test
    void theEndOfATaskWakesThoseWhoWaitForItAndTheEndOfItsWorkflowToo() {
        Runnable wake = waker("task");
        watches.addForEnd(WORKFLOW, TASK, wake, elsewhere::add);

        happened(TASK, Status.RUNNING);
        happened(new UUID(4, 4), Status.COMPLETED);
        assertEquals(List.of(), woken);

        happened(TASK, Status.CANCELLED);
        assertEquals(List.of("task"), woken);
        happened(null, Status.COMPLETED); // its tasks leave with it, also those that have not ended
        assertEquals(List.of("task", "task"), woken);

        watches.removeForEnd(WORKFLOW, TASK, wake);
        happened(TASK, Status.CANCELLED);
        happened(null, Status.COMPLETED);
        assertEquals(2, woken.size());
    }

    @Test
    void allLookAgainWhenThePartitionIsLost() {
        watches.add(WORKFLOW, waker("events"), elsewhere::add);
        watches.addForEnd(TASK, TASK, waker("end"), elsewhere::add);

        watches.close();

        assertTrue(woken.containsAll(List.of("events", "end")), woken.toString());
        assertTrue(watches.closed());
    }
}
