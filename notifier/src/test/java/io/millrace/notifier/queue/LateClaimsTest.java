package io.millrace.notifier.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.notifier.config.NotifierConfig;
import io.millrace.notifier.queue.Scene.Subscriber;
import io.millrace.proto.v1.Binding;
import io.millrace.proto.v1.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of claims whose answers come after their polls have ended, where Kafka is slow. Times are virtual. */
class LateClaimsTest {

    private static final long SLOW_MS = 3_000;
    private static final long HOLD_MS = 200;

    private final Scene scene = new Scene(NotifierConfig.defaults(), 4);
    private final List<String> taken = new ArrayList<>();

    @Test
    void aLateAnswerServesTheNextPollOfItsWorker() {
        scene.log.answerMs = SLOW_MS;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(SLOW_MS + 500);
        assertEquals(List.of(), taken, "its time was over");

        scene.poll("w", HOLD_MS, taken::add, () -> {});

        assertEquals(List.of(work), taken);
        assertEquals(1, scene.log.claims);
        assertEquals(0, scene.log.givenBack);
    }

    /** The second by the timer, for whose tasks nobody cares. */
    @Test
    void claimsThatCannotBeMadeAreMadeAgain() {
        scene.poll("w", 60_000, taken::add, () -> {});
        scene.log.breaks = 2;
        String work = scene.log.start(0);
        scene.time.pass(10_000);
        assertEquals(List.of(work), taken);
    }

    @Test
    void whoeverCannotBeToldKeepsNobodyElseFromHearing() {
        for (String worker : List.of("a", "b")) {
            scene.poll(worker, 60_000, taken::add, () -> {
                taken.add(worker);
                throw new IllegalStateException("for the test");
            });
        }
        scene.index.close();
        assertEquals(List.of("a", "b"), taken.stream().sorted().toList());
    }

    @Test
    void workGoesToNobodyElseWhoseWorkerCallsItselfTheSame() {
        ClaimHolder ann = holder("ann", "key-1", Binding.PRINCIPAL);
        ClaimHolder bob = holder("bob", "key-2", Binding.PRINCIPAL);
        scene.log.answerMs = SLOW_MS;
        String work = scene.log.start(0);
        scene.poll("w", ann, HOLD_MS, taken::add, () -> {});
        List<String> bobs = new ArrayList<>();
        scene.poll("w", bob, SLOW_MS + 500, bobs::add, () -> {});
        scene.time.pass(SLOW_MS + 100);
        scene.poll("w", bob, HOLD_MS, bobs::add, () -> {});
        assertEquals(List.of(), bobs);

        scene.poll("w", holder("ann", "key-3", Binding.PRINCIPAL), HOLD_MS, taken::add, () -> {});

        assertEquals(List.of(work), taken);
    }

    @Test
    void whereTheKeyHoldsTheWorkItGoesToNoOtherKey() {
        scene.log.answerMs = SLOW_MS;
        String work = scene.log.start(0);
        scene.poll("w", holder("ann", "key-1", Binding.CREDENTIAL), HOLD_MS, taken::add, () -> {});
        scene.time.pass(SLOW_MS + 100);
        scene.poll("w", holder("ann", "key-2", Binding.CREDENTIAL), HOLD_MS, taken::add, () -> {});
        assertEquals(List.of(), taken);

        scene.poll("w", holder("ann", "key-1", Binding.CREDENTIAL), HOLD_MS, taken::add, () -> {});

        assertEquals(List.of(work), taken);
    }

    private static ClaimHolder holder(String id, String key, Binding binding) {
        return ClaimHolder.of(
                Principal.newBuilder()
                        .setType(Principal.Type.WORKER)
                        .setId(id)
                        .setCredential(key)
                        .build(),
                binding);
    }

    @Test
    void thePollBehindOneThatEndedTakesOverItsClaim() {
        scene.log.answerMs = SLOW_MS;
        scene.poll("slow", 10_000, id -> {}, () -> {}); // so that answers are known to take their time
        scene.log.start(0);
        scene.time.pass(SLOW_MS);
        scene.log.start(1);
        scene.log.start(2);
        scene.poll(
                "w",
                HOLD_MS,
                taken::add,
                () -> scene.poll("w", HOLD_MS, taken::add, () -> scene.poll("w", 5_000, taken::add, () -> {})));
        scene.time.pass(2 * SLOW_MS);

        assertEquals(1, taken.size());
        assertEquals(2, scene.log.claims, "one for each worker");
        assertEquals(0, scene.log.givenBack);
    }

    @Test
    void anotherOpenPollOfTheWorkerGetsWhatComesForOneThatIsOver() {
        scene.log.answerMs = SLOW_MS;
        String work = scene.log.start(0);
        Poll gone = scene.poll("w", 30_000, id -> {}, () -> {});
        scene.poll("w", 30_000, taken::add, () -> {});
        scene.index.withdraw(gone);

        scene.time.pass(SLOW_MS);

        assertEquals(List.of(work), taken);
        assertEquals(0, scene.log.givenBack);
    }

    @Test
    void whatComesForACallerThatHasGoneGoesBackAtOnce() {
        scene.log.answerMs = 100;
        String work = scene.log.start(0);
        Poll gone = scene.poll("gone", 30_000, id -> {}, () -> {});
        scene.index.withdraw(gone);
        scene.poll("other", 30_000, taken::add, () -> {});

        scene.time.pass(300);

        assertEquals(List.of(work), taken);
        assertEquals(1, scene.log.givenBack);
    }

    @Test
    void whatNobodyComesForGoesToOthersWithinSeconds() {
        scene.log.answerMs = SLOW_MS;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, id -> {}, () -> {});
        scene.time.pass(SLOW_MS);
        assertEquals(0, scene.log.givenBack);
        scene.log.answerMs = 1;
        scene.poll("other", 30_000, taken::add, () -> {});

        scene.time.pass(3_500);

        assertEquals(List.of(work), taken);
        assertEquals(1, scene.log.givenBack);
    }

    @Test
    void workWhoseLeaseIsOverIsNotHandedOut() {
        Duration lease = Duration.ofSeconds(2);
        Scene shortLeases = new Scene(NotifierConfig.defaults().withLeases(lease, lease, Duration.ofHours(1), 10), 1);
        shortLeases.log.answerMs = SLOW_MS;
        shortLeases.log.start(0);
        shortLeases.poll("w", HOLD_MS, taken::add, () -> {});
        shortLeases.time.pass(SLOW_MS);

        assertEquals(1, shortLeases.log.givenBack);
    }

    @Test
    void anAnswerThatWasTakenForLostIsStillServed() {
        scene.log.answerMs = 12_000;
        String work = scene.log.start(0);
        scene.poll("w", 60_000, taken::add, () -> {});

        scene.time.pass(12_000);

        assertEquals(List.of(work), taken);
    }

    @Test
    void workersWithOneThreadGetOnUnderASlowLog() {
        scene.log.answerMs = SLOW_MS;
        for (int i = 0; i < 40; i++) {
            scene.log.start(i % 4);
        }
        for (int i = 0; i < 4; i++) {
            work("serial" + i);
        }

        assertTrue(scene.time.passUntil(() -> taken.size() == 40, 60_000), taken.size() + " taken in a minute");
        assertEquals(40, new HashSet<>(taken).size(), "handed out twice");
        assertTrue(scene.log.givenBack <= 4, scene.log.givenBack + " given back of " + scene.log.claims);
    }

    /** Were each of its claims taken for lost, the worker would make more, and most of what they bring go back unused. */
    @Test
    void whatIsClaimedIsUsedWhereAnswersComeLaterThanIsWaitedForThem() {
        scene.log.answerMs = 15_000;
        for (int i = 0; i < 40; i++) {
            scene.log.start(i % 4);
        }
        work("serial", 10_000);

        assertTrue(
                scene.time.passUntil(() -> taken.size() == 40, 1_200_000), taken.size() + " taken in twenty minutes");
        assertEquals(40, new HashSet<>(taken).size(), "handed out twice");
        assertTrue(scene.log.givenBack <= 10, scene.log.givenBack + " given back of " + scene.log.claims);
    }

    @Test
    void aClaimThatIsNeverAnsweredKeepsItsWorkFromNobodyForLong() {
        scene.log.answerMs = 1;
        scene.log.swallow = true;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(11_000);
        scene.log.swallow = false;

        scene.poll("other", 30_000, taken::add, () -> {});
        scene.time.pass(500);

        assertEquals(List.of(work), taken);
    }

    @Test
    void whatWasClaimedByAnAnswerThatGotLostIsReadyAgainWithinHalfAMinute() {
        scene.log.loseAnswers = true;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(1_000);
        scene.log.loseAnswers = false;
        assertEquals(1, scene.log.held.size());

        scene.poll("other", 60_000, taken::add, () -> {});
        scene.time.pass(30_500);

        assertEquals(List.of(work), taken);
        assertEquals(List.of("other"), List.copyOf(scene.log.held.values()));
    }

    @Test
    void anAnswerThatComesWhenItsClaimsWereGivenUpHandsNothingOut() {
        String quick = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(100);
        scene.log.answerMs = 18_000;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(18_500);
        scene.log.answerMs = 1;
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.time.pass(500);
        assertEquals(List.of(quick), taken, "the engine gives it to whoever asks next");

        scene.poll("other", 30_000, taken::add, () -> {});
        scene.time.pass(10_000);

        assertEquals(List.of(quick, work), taken);
        assertTrue(scene.log.held.containsValue("other"));
    }

    /** Commands that wait for a partition without a leader have no order. */
    @Test
    void whatIsClaimedAfterItsClaimsWereGivenUpGoesBackWhenTheAnswerTellsOfIt() {
        scene.log.answerMs = 80_000;
        String work = scene.log.start(0);
        scene.poll("w", HOLD_MS, taken::add, () -> {});
        scene.log.answerMs = 1;
        scene.time.pass(39_000);
        assertEquals(0, scene.log.givenBack, "there was nothing yet to give back");
        scene.time.pass(2_000);
        assertEquals(1, scene.log.held.size());

        scene.poll("other", 60_000, taken::add, () -> {});
        scene.time.pass(40_000);

        assertEquals(List.of(work), taken);
        assertEquals(List.of("other"), List.copyOf(scene.log.held.values()));
    }

    private void work(String worker) {
        work(worker, 50);
    }

    private void work(String worker, long busyMs) {
        scene.poll(
                worker,
                HOLD_MS,
                id -> {
                    taken.add(id);
                    scene.time.in(busyMs, () -> work(worker, busyMs));
                },
                () -> scene.time.in(HOLD_MS, () -> work(worker, busyMs))); // meanwhile it polls for tasks
    }

    @Test
    void subscribersThatPollOnEachEventGetOnUnderASlowLog() {
        scene.log.answerMs = SLOW_MS;
        List<Subscriber> crowd = scene.crowd(4, 5);
        for (int i = 0; i < 8; i++) {
            scene.log.start(i % 4);
        }

        assertTrue(scene.time.passUntil(() -> Scene.taken(crowd) == 8, 60_000), Scene.taken(crowd) + " in a minute");
    }

    /** Whatever the log takes, and whoever comes and goes: in the end each piece is in the hands of whoever got it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void noClaimIsLostNorHeldByNobodyNorHandedOutTwice(long seed) {
        Random random = new Random(seed);
        Set<String> handed = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            scene.log.answerMs = random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(4_000);
            if (random.nextInt(3) == 0) {
                scene.log.start(random.nextInt(4));
            }
            Poll poll = scene.poll(
                    "w" + random.nextInt(3),
                    random.nextInt(4) == 0 ? 0 : random.nextInt(3_000),
                    id -> assertTrue(handed.add(id), "handed out twice"),
                    () -> {});
            if (random.nextInt(4) == 0) {
                scene.time.in(random.nextInt(2_000), () -> {
                    if (poll.phase() != Poll.Phase.OVER) {
                        scene.index.withdraw(poll);
                    }
                });
            }
            scene.time.pass(random.nextInt(1_000));
        }
        scene.log.answerMs = 1;
        scene.time.pass(120_000);

        assertEquals(handed.size(), scene.log.held.size(), "held by nobody");
        assertEquals(0, scene.counters.parkedPolls.sum());
    }
}
