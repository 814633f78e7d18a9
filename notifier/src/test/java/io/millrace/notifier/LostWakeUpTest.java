package io.millrace.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.flovyn.v1.PollResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Levels, not edges: whenever a level comes, nobody waits while there is work. A lost wake-up would cost a whole hold. */
class LostWakeUpTest {

    private static final int PIECES = 20_000;

    @Test
    void aLevelBetweenAnEmptyPollAndParkingCostsNothing() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4);
                Stage stage = new Stage()) {
            Set<String> taken = ConcurrentHashMap.newKeySet();
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                String name = "w" + i;
                workers.add(threads.submit(() -> take(stage, name, taken)));
            }
            long begun = System.nanoTime();
            for (int i = 0; i < PIECES; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, i % 2 == 0 ? "echo" : "double");
            }
            Stage.await(() -> taken.size() == PIECES);
            // Each worker waits for its last poll, which nothing answers.
            stage.notifier.close();
            for (Future<?> worker : workers) {
                worker.get(20, TimeUnit.SECONDS);
            }
            assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(50), "somebody waited for a whole hold");
            assertEquals(PIECES, stage.log.inHands());
        }
    }

    private static Void take(Stage stage, String worker, Set<String> taken) throws Exception {
        while (true) {
            PollResponse answer = stage.poll(worker, 60).get(90, TimeUnit.SECONDS);
            if (!answer.hasWorkflowExecution()) {
                return null;
            }
            assertTrue(taken.add(answer.getWorkflowExecution().getId()), "handed out twice");
        }
    }

    /** Work whose poll is cancelled while it is on its way may reach the client or go back, and once in a while both. */
    @Test
    void pollsThatComeAndGoStrandNoWork() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2);
                Stage stage = new Stage()) {
            Set<String> reached = ConcurrentHashMap.newKeySet();
            Set<String> taken = ConcurrentHashMap.newKeySet();
            List<Future<?>> fickle = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                String name = "fickle" + i;
                fickle.add(threads.submit(() -> takeSome(stage, name, reached, taken)));
            }
            for (int i = 0; i < 2_000; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            for (Future<?> worker : fickle) {
                worker.get(60, TimeUnit.SECONDS);
            }
            Future<?> steady = threads.submit(() -> {
                take(stage, "steady", reached, taken);
            });
            Stage.await(() -> reached.size() == 2_000);
            stage.notifier.close();
            steady.get(20, TimeUnit.SECONDS);
            assertTrue(stage.log.releases() > 0, "some polls were cancelled while their claim was under way");
        }
    }

    private static void takeSome(Stage stage, String worker, Set<String> reached, Set<String> taken) {
        while (reached.size() < 1_500) {
            Stage.Polling poll = stage.polling(worker, 1, reached::add);
            if (ThreadLocalRandom.current().nextInt(3) == 0) {
                poll.cancel();
                poll.join();
            } else {
                poll.join().ifPresent(work -> assertTrue(taken.add(work), "handed out twice"));
            }
        }
    }

    private static void take(Stage stage, String worker, Set<String> reached, Set<String> taken) {
        Optional<String> work;
        while ((work = stage.polling(worker, 60, reached::add).join()).isPresent()) {
            assertTrue(taken.add(work.get()), "handed out twice");
        }
    }

    @Test
    void subscribersThatPollOnEachEventTakeEverything() throws Exception {
        try (Stage stage = new Stage()) {
            Set<String> taken = ConcurrentHashMap.newKeySet();
            for (int i = 0; i < 20; i++) {
                String name = "s" + i;
                Stage.Subscriber subscriber = stage.subscribe(name);
                subscriber.onEvent(() -> {
                    var poll = stage.poll(name, 0);
                    poll.addListener(() -> note(poll, taken), Runnable::run);
                });
            }
            for (int i = 0; i < 3_000; i++) {
                stage.log.startWorkflow(Stage.ORG, Stage.QUEUE, "echo");
            }
            Stage.await(() -> {
                stage.log.repeatLevels();
                return taken.size() == 3_000;
            });
            assertEquals(3_000, stage.log.inHands());
            assertTrue(
                    stage.notifier.stats().wakeUpsSent() < 6_000,
                    "one start wakes about one: " + stage.notifier.stats());
        }
    }

    private static void note(Future<PollResponse> poll, Set<String> taken) {
        PollResponse answer = poll.resultNow();
        if (answer.hasWorkflowExecution()) {
            assertTrue(taken.add(answer.getWorkflowExecution().getId()), "handed out twice");
        }
    }
}
