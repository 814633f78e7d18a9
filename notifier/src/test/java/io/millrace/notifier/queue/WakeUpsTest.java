package io.millrace.notifier.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.notifier.config.NotifierConfig;
import io.millrace.notifier.queue.Scene.Subscriber;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each piece of work wakes one subscriber, or two, however long they take; and the dead cost little. Times are virtual. */
class WakeUpsTest {

    private static final int STARTS = 20;

    private final Scene scene = new Scene(NotifierConfig.defaults(), 4);

    @ParameterizedTest
    @CsvSource({
        "0, 0", "20, 0", "50, 0", "100, 0", "250, 0", // all at once
        "0, 3", "20, 3", "50, 3", "100, 3", "250, 3", // faster than anybody reacts
        "0, 40", "20, 40", "50, 40", "100, 40", "250, 40",
        "0, 1500", "20, 1500", "50, 1500", "100, 1500", "250, 1500" // one after the other
    })
    void aCrowdOfAnySpeedIsNoHerd(long reactionMs, long pauseMs) {
        List<Subscriber> crowd = scene.crowd(60, reactionMs);

        startAndWait(STARTS, pauseMs);

        assertEquals(STARTS, Scene.taken(crowd));
        assertTrue(Scene.wakeUps(crowd) <= 2 * STARTS, Scene.wakeUps(crowd) + " wake-ups");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20, 50, 100, 250})
    void aSpeedOnceLearntMakesItOneWakeUpForEachPiece(long reactionMs) {
        List<Subscriber> crowd = scene.crowd(10, reactionMs);
        startAndWait(STARTS, 700);
        int before = Scene.wakeUps(crowd);

        startAndWait(STARTS, 700);

        assertEquals(STARTS, Scene.wakeUps(crowd) - before);
        crowd.forEach(each -> assertTrue(each.taken.size() >= 2, "they take turns, but one got " + each.taken.size()));
    }

    @Test
    void aMixedCrowdIsNoHerd() {
        List<Subscriber> crowd = new ArrayList<>();
        for (long reactionMs : new long[] {0, 20, 50, 100, 250}) {
            crowd.addAll(scene.crowd(12, reactionMs));
        }

        startAndWait(100, 30);

        assertEquals(100, Scene.taken(crowd));
        assertTrue(Scene.wakeUps(crowd) <= 200, Scene.wakeUps(crowd) + " wake-ups");
    }

    @Test
    void subscribersThatBecomeSlowAreNoHerd() {
        List<Subscriber> crowd = scene.crowd(60, 1);
        startAndWait(STARTS, 30);
        int before = Scene.wakeUps(crowd);
        crowd.forEach(each -> each.reactsAfter(250));

        startAndWait(STARTS, 30);

        assertEquals(2 * STARTS, Scene.taken(crowd));
        assertTrue(Scene.wakeUps(crowd) - before <= 2 * STARTS, Scene.wakeUps(crowd) - before + " wake-ups");
    }

    @Test
    void aSubscriberThatDiedCostsMillisecondsOnce() {
        List<Subscriber> crowd = scene.crowd(10, 1);
        startAndWait(STARTS, 30);
        Subscriber dead = crowd.get(3);
        dead.dies();
        int before = dead.wakeUps;

        long longestMs = 0;
        for (int i = 0; i < 30; i++) {
            longestMs = Math.max(longestMs, msUntilTaken(crowd));
            scene.time.pass(500);
        }

        assertTrue(longestMs <= 10, longestMs + " ms");
        assertEquals(1, dead.wakeUps - before, "it is woken again only when nobody else is left");
    }

    @Test
    void deadSubscribersThatNobodyKnowsYetDelayOnePieceAndNoOther() {
        scene.crowd(7, 1).forEach(Subscriber::dies);
        List<Subscriber> alive = scene.crowd(3, 1);

        assertTrue(msUntilTaken(alive) <= 1_000, "the first piece finds out");
        for (int i = 0; i < 10; i++) {
            long tookMs = msUntilTaken(alive);
            assertTrue(tookMs <= 10, tookMs + " ms");
            scene.time.pass(500);
        }
    }

    @Test
    void whoWasTakenForDeadIsWokenInItsTurnOnceItPolls() {
        Subscriber busy = scene.subscribe("busy", 1);
        Subscriber other = scene.subscribe("other", 1);
        busy.dies();
        msUntilTaken(List.of(other));
        scene.time.pass(1_000);
        busy.returns();
        scene.poll("busy", 0, busy.taken::add, () -> {});

        startAndWait(4, 100);

        assertEquals(2, busy.taken.size());
    }

    @Test
    void whoReactsAndIsRefusedKeepsNobodyFromTheWork() {
        List<Subscriber> crowd = scene.crowd(4, 10);
        crowd.get(0).isRefused();

        startAndWait(STARTS, 300);

        assertEquals(STARTS, Scene.taken(crowd));
        assertTrue(Scene.wakeUps(crowd) <= STARTS + 3, Scene.wakeUps(crowd) + " wake-ups");
    }

    @Test
    void whoReactsAndGetsNothingIsFollowedByAnother() {
        scene.log.refuse(true);
        List<Subscriber> crowd = scene.crowd(4, 10);
        scene.log.start(0);
        scene.time.pass(15);
        assertEquals(1, scene.log.claims);
        scene.log.refuse(false);

        assertTrue(scene.time.passUntil(() -> Scene.taken(crowd) == 1, 300), "the piece was left");
        assertTrue(Scene.wakeUps(crowd) <= 2, Scene.wakeUps(crowd) + " wake-ups");
    }

    @Test
    void whoIsWokenAndLeavesIsFollowedByAnother() {
        List<Subscriber> crowd = scene.crowd(2, 200);
        scene.log.start(0);
        crowd.get(0).unsubscribe();
        crowd.get(0).dies();

        assertTrue(scene.time.passUntil(() -> Scene.taken(crowd) == 1, 210), "the piece was left");
    }

    @Test
    void whoComesWhileEverybodyIsDeadIsToldAtOnce() {
        scene.crowd(60, 1).forEach(Subscriber::dies);
        scene.log.start(0);
        scene.time.pass(20_000);

        Subscriber late = scene.subscribe("late", 1);

        assertEquals(1, late.wakeUps);
        scene.time.pass(5);
        assertEquals(1, late.taken.size());
    }

    @Test
    void manyWhoComeWhileOneIsOnItsWayAreNoHerd() {
        Subscriber first = scene.subscribe("first", 100);
        scene.log.start(0);
        List<Subscriber> later = scene.crowd(60, 100);
        scene.time.pass(1_000);

        assertEquals(1, first.taken.size());
        assertTrue(Scene.wakeUps(later) <= 1, Scene.wakeUps(later) + " wake-ups");
    }

    @Test
    void aDeadCrowdIsToldOnceAndAgainOnlyAsLevelsAreRepeated() {
        List<Subscriber> crowd = scene.crowd(60, 1);
        crowd.forEach(Subscriber::dies);
        scene.log.start(0);

        scene.time.pass(3_000);
        assertTrue(crowd.stream().allMatch(each -> each.wakeUps >= 1), "everybody is told in the end");
        assertTrue(Scene.wakeUps(crowd) <= 2 * 60, Scene.wakeUps(crowd) + " wake-ups");
    }

    @Test
    void whoTakesOnePieceForEachEventTakesTheWholeBacklog() {
        Subscriber only = scene.subscribe("only", 5);
        for (int i = 0; i < 50; i++) {
            scene.log.start(0);
        }

        assertTrue(scene.time.passUntil(() -> only.taken.size() == 50, 2_000), only.taken.size() + " taken");
    }

    @Test
    void workersThatPollElsewhereAreNoHerdEither() {
        List<Subscriber> crowd = scene.crowd(20, 60);
        crowd.forEach(Subscriber::dies); // as far as this node can see
        for (int i = 0; i < 40; i++) {
            scene.log.start(0);
            scene.time.pass(60);
            scene.log.takenElsewhere(0);
            scene.time.pass(200);
        }
        assertTrue(Scene.wakeUps(crowd) <= 45, Scene.wakeUps(crowd) + " wake-ups");
    }

    private void startAndWait(int starts, long pauseMs) {
        for (int i = 0; i < starts; i++) {
            scene.log.start(i % 4);
            scene.time.pass(pauseMs);
        }
        scene.time.passUntil(() -> scene.log.readyNow() == 0, 10_000);
        scene.time.pass(2_000);
    }

    private long msUntilTaken(List<Subscriber> crowd) {
        int before = Scene.taken(crowd);
        long begunMs = scene.time.ms();
        scene.log.start(0);
        assertTrue(scene.time.passUntil(() -> Scene.taken(crowd) > before, 60_000), "the piece was left");
        return scene.time.ms() - begunMs;
    }
}
