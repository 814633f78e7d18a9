package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.CancelTask;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.LendPlaces;
import io.millrace.dispatcher.engine.command.Command.LimitWork;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.PauseWork;
import io.millrace.dispatcher.engine.command.Command.ReleaseClaim;
import io.millrace.dispatcher.engine.command.Command.ResumeWork;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.Command.TellPlaces;
import io.millrace.dispatcher.engine.command.Command.WithClaims;
import io.millrace.dispatcher.engine.command.Command.WorkerGone;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Not more of a queue is handed out than its limit allows, nothing of it is lost, and whoever waits is told. */
class LimitTest {

    private static final WorkSubject QUEUE = new WorkSubject(WorkSubject.Type.QUEUE, Story.QUEUE);
    private static final QueueKey WORKFLOWS = new QueueKey(Story.ORG, WorkType.WORKFLOW, Story.QUEUE);
    private static final QueueKey TASKS = new QueueKey(Story.ORG, WorkType.TASK, Story.QUEUE);
    private static final long SPARE_MS = 10_000;

    private final Story story = new Story();

    private static Limit limit(int inFlight, int rate, int burst, String fairKey) {
        return new Limit(inFlight, rate, burst, fairKey, 0, 1, 0, "ann", "flood");
    }

    private static Limit inFlight(int most) {
        return limit(most, 0, 0, "");
    }

    private Outcome limited(Limit limit) {
        Outcome outcome = story.given(new LimitWork(QUEUE, limit, "flood", "ann", OfPolicy.ANY_VERSION, 1));
        story.delivered(outcome);
        return outcome;
    }

    private UUID task(Map<String, String> metadata) {
        return task("pay", metadata);
    }

    private UUID task(String kind, Map<String, String> metadata) {
        UUID id = story.newId();
        story.given(new SubmitTask(
                id, null, kind, Story.json("1"), metadata, 3, 0, "", 0, Story.QUEUE, Story.RETENTION_MS, 0));
        story.tick(1);
        return id;
    }

    private List<UUID> tasks(int many) {
        List<UUID> ids = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            ids.add(task(Map.of()));
        }
        return ids;
    }

    /** A poll that waits: it claims, and claims again once what that sets off has come through. Null: it has got nothing. */
    private UUID poll(WorkType type, String worker) {
        for (int attempt = 0; attempt < 2; attempt++) {
            Outcome outcome = story.given(new ClaimWork(type, Story.QUEUE, List.of(story.poll(worker))));
            Answer.Grant grant = ((Answer.Claimed) outcome.answer()).grants().getFirst();
            if (grant.executionId() != null) {
                return grant.taskId() == null ? grant.executionId() : grant.taskId();
            }
            story.delivered(outcome);
        }
        return null;
    }

    private UUID poll() {
        return poll(WorkType.TASK, "w");
    }

    private void complete(UUID task) {
        story.delivered(story.given(new CompleteTask(task, task, Story.json("1"))));
    }

    private Map<String, Integer> level(QueueKey queue) {
        Map<String, Integer> level = new TreeMap<>();
        story.state.handout().kinds(queue, (kind, count, headOrderMs) -> level.put(kind, count));
        return level;
    }

    private boolean changed(Outcome outcome) {
        return ((Answer.PolicyDecided) outcome.answer()).changed();
    }

    /** Why another execution of the organisation waits tells of places, too, and must not do so in the midst of a claim. */
    @Test
    void aClaimThatTakesAPlaceChangesWhatIsTheOrganisations() {
        limited(inFlight(1));
        UUID task = task(Map.of());
        ClaimWork claim = new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w")));
        story.delivered(story.given(claim));
        long before = story.state.changes().turn(Story.ORG);

        Outcome claimed = story.given(claim);

        assertEquals(
                task, ((Answer.Claimed) claimed.answer()).grants().getFirst().taskId());
        assertTrue(claimed.events().stream().noneMatch(event -> event.type().startsWith("PLACES")), "the claim alone");
        assertFalse(story.state.changes().noneSince(before, Story.ORG));
    }

    @Test
    void notMoreThanTheLimitIsInFlightAndTheNextFollowsAtOnce() {
        limited(inFlight(2));
        List<UUID> tasks = tasks(5);

        assertEquals(tasks.get(0), poll());
        assertEquals(tasks.get(1), poll());
        assertNull(poll());
        assertNull(poll());
        assertEquals(3, story.readyWork(WorkType.TASK), "what is held back is ready");
        assertEquals(2, story.state.inFlight(Story.ORG, Story.QUEUE));

        complete(tasks.get(0));

        assertEquals(Map.of("pay", 1), level(TASKS), "whoever waits is told");
        assertEquals(tasks.get(2), poll());
        assertNull(poll());
    }

    /** Otherwise a poll would claim again and again while nothing can come of it. */
    @Test
    void aLevelSaysNothingWhileNothingCanComeOfAClaim() {
        limited(inFlight(2));
        tasks(5);
        assertEquals(Map.of("pay", 2), level(TASKS), "who asks for so much brings places here");
        poll();
        poll();
        assertEquals(Map.of("pay", 2), level(TASKS));
        assertNull(poll());
        assertEquals(Map.of(), level(TASKS));
        Outcome again = story.when(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w"))));
        assertEquals(List.of(), again.outgoing(), "what is asked for once is not asked for again");
        assertEquals(List.of(), again.events());
    }

    @Test
    void whoeverWaitsForTheOtherWorkOfTheQueueIsToldToo() {
        limited(inFlight(1));
        UUID workflow = story.started();
        UUID task = task(Map.of());
        assertEquals(workflow, poll(WorkType.WORKFLOW, "w"));
        assertNull(poll());
        story.state.ready().drainGrown();
        story.state.ready().drainShrunk();

        story.delivered(story.given(story.submit(workflow, SubmissionStatus.SUSPENDED)));

        assertTrue(story.state.ready().drainShrunk().contains(TASKS));
        assertEquals(task, poll());
        story.started();
        assertNull(poll(WorkType.WORKFLOW, "w"), "workflows and tasks count together");
    }

    @Test
    void whateverEndsWorkGivesItsPlaceBack() {
        limited(inFlight(1));
        UUID first = task(Map.of());
        UUID second = task(Map.of());

        assertEquals(first, poll());
        story.delivered(story.passes(Story.LEASE_MS)); // it has failed, and is tried again
        assertEquals(first, poll());
        story.delivered(story.given(new CancelTask(first, first, Command.ANY_VERSION)));
        assertEquals(second, poll(WorkType.TASK, "gone"));
        story.delivered(story.given(new WorkerGone("gone", "no sign of life", 0, Asker.NOBODY)));
        assertEquals(second, poll());
        UUID claim = story.state.task(second, second).claimId();
        story.delivered(story.given(new ReleaseClaim(WorkType.TASK, second, second, claim, "the poll went away")));
        assertEquals(second, poll());
        task(Map.of());
        assertNull(poll(), "it has one place all the time");
        complete(second);
        assertNotNull(poll());
    }

    @Test
    void aDrainedWorkerTakesNoPlace() {
        limited(inFlight(1));
        UUID task = task(Map.of());
        story.given(
                new PauseWork(new WorkSubject(WorkSubject.Type.WORKER, "w"), "", "ann", OfPolicy.ANY_VERSION, 1, 0));
        assertNull(poll());
        assertEquals(Map.of("pay", 1), level(TASKS), "it is there for others");
        assertEquals(task, poll(WorkType.TASK, "other"));
    }

    @Test
    void whatIsInFlightWhenALimitComesCountsAndRunsDown() {
        List<UUID> tasks = tasks(5);
        for (int i = 0; i < 3; i++) {
            assertEquals(tasks.get(i), poll());
        }
        limited(inFlight(2));
        assertNull(poll());
        complete(tasks.get(0));
        assertNull(poll(), "two are in flight still");
        complete(tasks.get(1));
        assertEquals(tasks.get(3), poll());
        assertNull(poll());
    }

    @Test
    void aLimitIsLoweredAndRaisedAndLifted() {
        limited(inFlight(3));
        List<UUID> tasks = tasks(9);
        for (int i = 0; i < 3; i++) {
            assertNotNull(poll());
        }
        limited(inFlight(1));
        complete(tasks.get(0));
        complete(tasks.get(1));
        assertNull(poll());
        complete(tasks.get(2));
        assertEquals(tasks.get(3), poll());
        assertNull(poll());

        limited(inFlight(2));
        assertEquals(tasks.get(4), poll(), "who waits gets what there is more of");
        assertNull(poll());

        limited(null);
        assertEquals(tasks.get(5), poll());
        assertEquals(tasks.get(6), poll());
        assertNull(story.state.places().get(Story.ORG, Story.QUEUE));

        limited(inFlight(4));
        assertNull(poll(), "four are in flight");
        complete(tasks.get(3));
        assertEquals(tasks.get(7), poll());
    }

    @Test
    void aRateIsHeldByThePartitionsTime() {
        limited(limit(0, 2, 3, ""));
        tasks(9);
        for (int i = 0; i < 3; i++) {
            assertNotNull(poll(), "so many at once");
        }
        assertNull(poll());
        story.delivered(story.passes(499));
        assertNull(poll());

        Outcome due = story.passes(1);

        assertTrue(Story.types(due).contains("QUEUE_PLACES_LENT"));
        story.delivered(due);
        assertEquals(Map.of("pay", 1), level(TASKS), "whoever waits is told");
        assertNotNull(poll());
        assertNull(poll());
        story.delivered(story.passes(1_000));
        assertNotNull(poll());
        story.delivered(story.passes(1));
        assertNotNull(poll());
        assertNull(poll());
    }

    @Test
    void whatNobodyUsesGoesToWhoeverWaits() {
        Limit limit = new Limit(1, 0, 0, "", 0, 2, 0, "ann", "flood");
        story.given(new LimitWork(QUEUE, limit, "flood", "ann", OfPolicy.ANY_VERSION, 2));
        long epoch = story.state.policies().get(Story.ORG, QUEUE).epoch();
        task(Map.of());
        Outcome asked = story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w"))));
        story.delivered(asked);
        assertEquals(1, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        story.given(new TellPlaces(Story.QUEUE, epoch, 1, 0, 1, 0));

        story.passes(SPARE_MS - 1);
        assertEquals(1, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        Outcome back = story.passes(1);

        assertEquals(0, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        Outcome lent = story.given(back.outgoing().getFirst().command());
        assertEquals(
                new LendPlaces(Story.QUEUE, epoch, 1),
                lent.outgoing().getFirst().command());
        assertEquals(1, lent.outgoing().getFirst().shard());
        assertEquals(Map.of("pay", 1), level(TASKS), "it may be asked for again");
    }

    @Test
    void whatIsLentLaterDoesNotKeepWhatNobodyUses() {
        limited(inFlight(2));
        long epoch = story.state.policies().get(Story.ORG, QUEUE).epoch();
        tasks(3);
        story.given(new LendPlaces(Story.QUEUE, epoch, 1));
        story.passes(9_000);
        story.given(new LendPlaces(Story.QUEUE, epoch, 2));

        story.passes(SPARE_MS - 9_000 - 1);
        assertEquals(2, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        Outcome back = story.passes(1);

        assertEquals(
                new TellPlaces(Story.QUEUE, epoch, 0, 0, 2, 2),
                back.outgoing().getFirst().command());
    }

    @Test
    void whoeverUsesOnePlaceKeepsTheOthersHere() {
        limited(inFlight(2));
        tasks(3);
        story.passes(SPARE_MS);
        story.delivered(story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w")))));
        story.passes(SPARE_MS - 1);
        assertNotNull(poll());
        story.passes(SPARE_MS - 1);
        assertEquals(1, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        story.passes(1);
        assertEquals(0, story.state.places().get(Story.ORG, Story.QUEUE).spare());
    }

    /** What has happened stands, and nothing is lost: also a state that was opened meanwhile finds what is left to do. */
    @Test
    void aFailureToGivePlacesBackIsNoneOfTheCommandThatLeavesThemFree() {
        limited(inFlight(1));
        UUID first = task(Map.of());
        task(Map.of());
        assertEquals(first, poll());
        Engine live = new Engine(story.state);

        Outcome outcome = live.process(
                story.meta(), new CompleteTask(first, first, Story.json("1")), Map.of(1, "IllegalStateException"));

        assertNull(outcome.refusal());
        assertEquals(new Answer.Accepted(true), outcome.answer());
        assertNotNull(outcome.failure(), "it is told");
        assertEquals(List.of("TASK_COMPLETED"), Story.types(outcome));
        assertEquals(List.of(), outcome.outgoing());

        story.state.flush();
        Engine opened = new Engine(new PartitionState(story.storage, 1 << 20));
        CommandMeta meta = story.meta();
        FireDue nothing = new FireDue(1);
        Outcome next = live.process(meta, nothing);
        assertEquals(List.of("QUEUE_PLACES_CHANGED"), Story.types(next));
        assertEquals(1, next.outgoing().size());
        assertArrayEquals(next.partitionHash(), opened.process(meta, nothing).partitionHash());
        assertEquals(List.of(), live.process(story.meta(), nothing).events(), "once");
    }

    @Test
    void onlyAQueueHasALimitAndOnlyOneThatCanBeKept() {
        assertEquals(
                "expected a queue to limit, but got TASK_KIND pay",
                refused(new WorkSubject(WorkSubject.Type.TASK_KIND, "pay"), inFlight(1)));
        for (Limit limit : List.of(inFlight(-1), limit(0, -1, 1, ""), limit(0, 1, 0, ""), limit(0, 1, -1, ""))) {
            assertEquals(
                    "expected a limit with no negative number, and with a burst of at least 1 beside a rate, but got "
                            + limit.inFlight() + " in flight, a rate of " + limit.rate() + " and a burst of "
                            + limit.burst(),
                    refused(QUEUE, limit));
        }
        assertEquals(WorkPolicy.USUAL, story.state.policies().get(Story.ORG, QUEUE));
    }

    private String refused(WorkSubject subject, Limit limit) {
        Outcome outcome = story.when(new LimitWork(subject, limit, "flood", "ann", OfPolicy.ANY_VERSION, 1));
        assertEquals(Reason.INVALID_ARGUMENT, outcome.refusal().reason());
        assertEquals(List.of(), outcome.events());
        return outcome.refusal().text();
    }

    @Test
    void aLimitOfWhatIsNoQueueBringsNoPlaces() {
        WorkSubject kind = new WorkSubject(WorkSubject.Type.TASK_KIND, Story.QUEUE);
        story.running();
        WorkPolicy policy = new WorkPolicy(9, null, new Limit(1, 0, 0, "", 9, 4, 1, "ann", "flood"));
        assertEquals(List.of(), story.given(new FollowPolicy(kind, policy)).outgoing());
        assertNull(story.state.places().get(Story.ORG, Story.QUEUE));
    }

    @Test
    void whatIsLentWhenNothingIsThereAnyMoreGoesBackAtOnce() {
        limited(inFlight(1));
        UUID task = task(Map.of());
        Outcome asked = story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w"))));
        story.given(new CancelTask(task, task, Command.ANY_VERSION));
        story.delivered(asked);
        assertEquals(0, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        UUID later = task(Map.of());
        assertEquals(later, poll());
    }

    @Test
    void moreThanThereIsWorkForGoesBackAtOnce() {
        limited(inFlight(3));
        long epoch = story.state.policies().get(Story.ORG, QUEUE).epoch();
        task(Map.of());
        Outcome lent = story.given(new LendPlaces(Story.QUEUE, epoch, 3));
        assertEquals(1, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        assertEquals(
                new TellPlaces(Story.QUEUE, epoch, 0, 0, 3, 2),
                lent.outgoing().getFirst().command());
    }

    /** What partitions send each other is known by its id. */
    @Test
    void claimsOfOneCommandSendCommandsWithIdsOfTheirOwn() {
        limited(inFlight(9));
        task(Map.of());
        story.started();
        Outcome asked = story.given(new WithClaims(
                new SubmitTask(
                        story.newId(),
                        null,
                        "mail",
                        Story.json("1"),
                        Map.of(),
                        3,
                        0,
                        "",
                        0,
                        Story.QUEUE,
                        Story.RETENTION_MS,
                        0),
                new ClaimWork(
                        WorkType.TASK,
                        Story.QUEUE,
                        List.of(story.poll("w", "pay"), story.poll("w", "pay", "mail"), story.poll("w", "mail")))));
        assertEquals(
                2, asked.outgoing().stream().map(Outgoing::commandId).distinct().count());
        assertEquals(2, asked.outgoing().size());
    }

    @Test
    void whatPartitionsSayTwiceOrLateChangesNothing() {
        limited(inFlight(2));
        long epoch = story.state.policies().get(Story.ORG, QUEUE).epoch();
        TellPlaces tell = new TellPlaces(Story.QUEUE, epoch, 7, 0, 2, 0);
        assertEquals(1, story.given(tell).outgoing().size());
        assertEquals(List.of(), story.given(tell).outgoing());
        story.given(new TellPlaces(Story.QUEUE, epoch, 7, 0, 2, 1));
        assertEquals(List.of(), story.given(tell).events(), "an earlier one that comes late");
        assertEquals(
                new Answer.Accepted(false),
                story.given(new TellPlaces(Story.QUEUE, epoch - 1, 7, 0, 9, 0)).answer(),
                "of a limit of before");
        tasks(2);
        story.given(new LendPlaces(Story.QUEUE, epoch, 2));
        assertEquals(
                List.of(), story.given(new LendPlaces(Story.QUEUE, epoch, 1)).events());
        assertEquals(2, story.state.places().get(Story.ORG, Story.QUEUE).spare());
    }

    @Test
    void aPausedQueueTakesNoPlaces() {
        limited(inFlight(1));
        tasks(2);
        story.given(new PauseWork(QUEUE, "", "ann", OfPolicy.ANY_VERSION, 1, 0));
        assertNull(poll());
        assertEquals(Map.of(), level(TASKS));
        assertEquals(0, story.state.places().get(Story.ORG, Story.QUEUE).asked());
        story.given(new ResumeWork(QUEUE, "", "ann", OfPolicy.ANY_VERSION, 1));
        assertNotNull(poll());
    }

    @Test
    void workIsHandedOutInTurnByAKeyOfItsMetadata() {
        limited(limit(0, 0, 0, "customer"));
        List<UUID> flood = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            flood.add(task(Map.of("customer", "big")));
        }
        UUID small = task(Map.of("customer", "small"));
        UUID without = task(Map.of());
        UUID small2 = task(Map.of("customer", "small"));

        List<UUID> got = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            got.add(poll());
            story.state.flush();
        }

        assertEquals(
                List.of(
                        without,
                        flood.get(0),
                        small,
                        flood.get(1),
                        small2,
                        flood.get(2),
                        flood.get(3),
                        flood.get(4),
                        flood.get(5)),
                got);
        assertEquals(Map.of(), level(TASKS));
    }

    private UUID pollFor(String... kinds) {
        Outcome outcome = story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w", kinds))));
        return ((Answer.Claimed) outcome.answer()).grants().getFirst().taskId();
    }

    /** The turns of one kind are not those of another: workers take different kinds. */
    @Test
    void workersOfOtherKindsDoNotTakeAGroupsTurn() {
        limited(limit(0, 0, 0, "customer"));
        List<UUID> pays = new ArrayList<>();
        for (String customer : List.of("a", "a", "z", "z")) {
            pays.add(task("pay", Map.of("customer", customer)));
        }
        List<UUID> mails = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            mails.add(task("mail", Map.of("customer", "m")));
        }
        List<UUID> got = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            got.add(pollFor("pay"));
            story.state.flush();
            assertEquals(mails.get(i), pollFor("mail"));
        }
        assertEquals(List.of(pays.get(0), pays.get(2), pays.get(1), pays.get(3)), got);
    }

    @Test
    void whoeverTakesSeveralKindsGetsTheOldestOfThoseWhoseTurnItIs() {
        limited(limit(0, 0, 0, "customer"));
        UUID z = task("mail", Map.of("customer", "z"));
        UUID a1 = task("pay", Map.of("customer", "a"));
        UUID a2 = task("pay", Map.of("customer", "a"));
        UUID b = task("pay", Map.of("customer", "b"));
        UUID y = task("mail", Map.of("customer", "y"));
        List<UUID> got = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            got.add(pollFor("mail", "pay"));
        }
        assertEquals(List.of(a1, b, a2, y, z), got);
    }

    @Test
    void theTurnStaysWhenTheStateIsOpenedAgain() {
        limited(limit(0, 0, 0, "customer"));
        UUID big = task(Map.of("customer", "big"));
        task(Map.of("customer", "big"));
        UUID small = task(Map.of("customer", "small"));
        assertEquals(big, poll());
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        assertEquals(small, reopened.handout().first(TASKS, List.of(), true).taskId());
        assertEquals(Map.of("pay", 2), reopened.ready().depths(TASKS));
        assertEquals("=small", reopened.handout().first(TASKS, List.of(), true).group());
    }

    @Test
    void whatStandsInAGroupIsHandedOutWhenNobodyAsksForTurnsAnyMore() {
        limited(limit(0, 0, 0, "customer"));
        task(Map.of("customer", "big"));
        task(Map.of("customer", "small"));
        limited(null);
        task(Map.of("customer", "big"));
        for (int i = 0; i < 3; i++) {
            assertNotNull(poll());
        }
        story.state.flush();
        assertNull(poll());
        assertEquals(
                Map.of(), new PartitionState(story.storage, 1 << 20).ready().depths(TASKS));
    }

    @Test
    void placesAreThereWhenTheStateIsOpenedAgain() {
        limited(limit(2, 1, 1, ""));
        List<UUID> tasks = tasks(4);
        assertNotNull(poll());
        assertNull(poll());
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        assertEquals(
                story.state.places().get(Story.ORG, Story.QUEUE),
                reopened.places().get(Story.ORG, Story.QUEUE));
        assertEquals(1, reopened.inFlight(Story.ORG, Story.QUEUE));
        assertEquals(
                story.state.policies().get(Story.ORG, QUEUE),
                reopened.policies().get(Story.ORG, QUEUE));
        assertEquals(story.state.dues().first(), reopened.dues().first());
        assertEquals(4, tasks.size());
    }

    @Test
    void itSaysWhetherThatChangedAnythingAndRefusesWhatHasChanged() {
        assertFalse(changed(limited(null)));
        Outcome first = limited(inFlight(2));
        assertTrue(changed(first));
        assertFalse(changed(limited(inFlight(2))), "whoever says it, and why");
        long version = ((Answer.PolicyDecided) first.answer()).version();
        Outcome late = story.when(new LimitWork(QUEUE, inFlight(3), "", "bob", version - 1, 1));
        assertEquals(Reason.ABORTED, late.refusal().reason());
        assertTrue(changed(story.given(new LimitWork(QUEUE, inFlight(3), "", "bob", version, 1))));
        Limit now = story.state.policies().get(Story.ORG, QUEUE).limit();
        assertEquals(story.state.timeMs(), now.sinceMs());
    }

    @Test
    void aPauseAndALimitDoNotDisturbEachOther() {
        limited(inFlight(1));
        story.given(new PauseWork(QUEUE, "", "ann", OfPolicy.ANY_VERSION, 1, 0));
        limited(limit(1, 5, 5, ""));
        assertNotNull(story.state.policies().get(Story.ORG, QUEUE).pause());
        story.given(new ResumeWork(QUEUE, "", "ann", OfPolicy.ANY_VERSION, 1));
        assertEquals(5, story.state.policies().get(Story.ORG, QUEUE).limit().rate());
        task(Map.of());
        assertNotNull(poll());
    }

    @Test
    void aPartitionThatFollowsTellsWhatItHasInFlight() {
        UUID running = story.running();
        WorkPolicy policy = new WorkPolicy(9, null, new Limit(1, 0, 0, "", 9, 4, 1, "ann", "flood"));
        Outcome outcome = story.given(new FollowPolicy(QUEUE, policy));
        assertEquals(
                new TellPlaces(Story.QUEUE, 9, 0, 1, 1, 0),
                outcome.outgoing().getFirst().command());
        Outcome ended = story.given(story.submit(running, SubmissionStatus.SUSPENDED));
        assertEquals(
                new TellPlaces(Story.QUEUE, 9, 0, 1, 1, 1),
                ended.outgoing().getLast().command());
        assertEquals(Map.of(), level(WORKFLOWS));
    }

    @Test
    void nodesThatDoNotKnowItTakeItForARecordWithoutACommand() {
        Story before = Story.under(Rules.OPERATIONS - 1);
        assertEquals(
                Reason.POISON,
                before.when(new LimitWork(QUEUE, inFlight(1), "", "ann", OfPolicy.ANY_VERSION, 1))
                        .refusal()
                        .reason());
        assertEquals(
                Reason.POISON,
                before.when(new LendPlaces(Story.QUEUE, 1, 1)).refusal().reason());
        assertEquals(
                Reason.POISON,
                before.when(new TellPlaces(Story.QUEUE, 1, 1, 0, 1, 0))
                        .refusal()
                        .reason());
    }

    private Outcome asks(String kind) {
        return story.given(new ClaimWork(WorkType.TASK, Story.QUEUE, List.of(story.poll("w-" + kind, kind))));
    }

    @Test
    void whoWaitsForOneKindDoesNotKeepWhoTakesAnotherFromAsking() {
        limited(inFlight(5));
        UUID mail = task("mail", Map.of());
        UUID pay = task("pay", Map.of());

        Outcome first = asks("mail");
        assertEquals(Map.of("mail", 1, "pay", 1), level(TASKS), "one place is on its way, and there is work for two");
        Outcome second = asks("pay");
        assertEquals(Map.of(), level(TASKS));
        assertEquals(List.of(), asks("pay").outgoing(), "nor does anybody ask for more than there is work");
        assertEquals(List.of(), asks("mail").outgoing());
        story.delivered(first);
        story.delivered(second);

        assertEquals(2, story.state.places().get(Story.ORG, Story.QUEUE).spare());
        assertEquals(
                pay, ((Answer.Claimed) asks("pay").answer()).grants().getFirst().taskId());
        assertEquals(
                mail,
                ((Answer.Claimed) asks("mail").answer()).grants().getFirst().taskId());
    }

    @Test
    void aPartitionWaitsForNoMorePlacesThanItMayHoweverManyKindsThereAre() {
        limited(inFlight(2));
        for (int i = 0; i < 3; i++) {
            task("mail", Map.of());
            task("pay", Map.of());
        }
        asks("mail");
        assertEquals(List.of(), asks("pay").outgoing());
        assertEquals(2, story.state.places().get(Story.ORG, Story.QUEUE).awaited());
        assertEquals(Map.of(), level(TASKS));
    }
}
