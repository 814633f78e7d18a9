package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.OfPolicy;
import io.millrace.dispatcher.engine.command.Command.PauseWork;
import io.millrace.dispatcher.engine.command.Command.ResumeWork;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkSubject.Type;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.handle.PolicyHandler;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.proto.WorkSubjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Nothing of a paused queue or kind is handed out, nobody is told of it, and all of it is there when it is resumed. */
class PolicyTest {

    private static final WorkSubject QUEUE = new WorkSubject(Type.QUEUE, Story.QUEUE);
    private static final QueueKey WORKFLOWS = new QueueKey(Story.ORG, WorkType.WORKFLOW, Story.QUEUE);
    private static final QueueKey TASKS = new QueueKey(Story.ORG, WorkType.TASK, Story.QUEUE);

    private final Story story = new Story();

    private static PauseWork pause(WorkSubject subject) {
        return new PauseWork(subject, "stock-taking", "ann", OfPolicy.ANY_VERSION, 1, 0);
    }

    private static ResumeWork resume(WorkSubject subject) {
        return new ResumeWork(subject, "done", "ann", OfPolicy.ANY_VERSION, 1);
    }

    private static WorkSubject kind(Type type, String name) {
        return new WorkSubject(type, name);
    }

    /** @return what a level of the queue says */
    private Map<String, Integer> level(QueueKey queue) {
        Map<String, Integer> level = new TreeMap<>();
        story.state.handout().kinds(queue, (kind, count, headOrderMs) -> level.put(kind, count));
        return level;
    }

    private boolean changed(Outcome outcome) {
        return ((Answer.PolicyDecided) outcome.answer()).changed();
    }

    @Test
    void aPausedQueueHandsOutNeitherWorkflowsNorTasks() {
        UUID waiting = story.waiting(new ScheduleTask("pay", Story.json("1"), story.newId(), 3, 0, ""));
        story.started();
        assertTrue(changed(story.given(pause(QUEUE))));

        UUID later = story.started();

        assertNull(story.claim("w").executionId());
        assertNull(story.claim("w", Story.KIND).executionId());
        assertNull(story.claimTask("t").executionId());
        assertEquals(2, story.readyWork(WorkType.WORKFLOW), "what comes in is taken in, and counted");
        assertEquals(Map.of(), level(WORKFLOWS), "nobody is woken for nothing");
        assertEquals(Map.of(), level(TASKS));

        assertTrue(changed(story.given(resume(QUEUE))));

        assertEquals(Map.of(Story.KIND, 2), level(WORKFLOWS));
        assertEquals(Map.of("pay", 1), level(TASKS));
        assertEquals(waiting, story.claimTask("t").executionId());
        assertTrue(List.of(story.claim("w").executionId(), story.claim("w").executionId())
                .contains(later));
    }

    @Test
    void whoWaitsIsToldWhenItIsPausedAndWhenItIsResumed() {
        story.started();
        story.state.ready().drainGrown();
        story.state.ready().drainShrunk();
        story.given(pause(QUEUE));
        assertEquals(List.of(WORKFLOWS), story.state.ready().drainShrunk());
        story.given(resume(QUEUE));
        assertEquals(List.of(WORKFLOWS), story.state.ready().drainShrunk());
    }

    @Test
    void whatWorkersHaveGoesOn() {
        UUID task = story.newId();
        UUID id = story.waiting(new ScheduleTask("pay", Story.json("1"), task, 3, 0, ""));
        assertEquals(task, story.claimTask("t").taskId());
        story.given(pause(QUEUE));

        story.given(new CompleteTask(task, id, Story.json("1")));

        assertEquals("TASK_COMPLETED", story.history(id).getLast());
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
        assertNull(story.claim("w").executionId());
        story.given(resume(QUEUE));
        assertEquals(id, story.claim("w").executionId());
    }

    @Test
    void aPausedKindLeavesOtherKindsOfItsQueueAlone() {
        story.started();
        UUID other = story.newId();
        story.given(story.start(other, "mail", ""));
        story.given(pause(kind(Type.WORKFLOW_KIND, Story.KIND)));

        assertNull(story.claim("w", Story.KIND).executionId());
        assertEquals(Map.of("mail", 1), level(WORKFLOWS));
        assertEquals(other, story.claim("w").executionId());
        assertNull(story.claim("w").executionId());

        story.given(resume(kind(Type.WORKFLOW_KIND, Story.KIND)));
        assertEquals(Map.of(Story.KIND, 1), level(WORKFLOWS));
    }

    @Test
    void aKindOfTasksIsNoKindOfWorkflows() {
        UUID task = story.newId();
        story.waiting(new ScheduleTask(Story.KIND, Story.json("1"), task, 3, 0, ""));
        story.given(pause(kind(Type.WORKFLOW_KIND, Story.KIND)));
        assertEquals(task, story.claimTask("t").taskId());
        story.given(pause(kind(Type.TASK_KIND, "pay")));
        UUID held = story.newId();
        story.given(resume(kind(Type.WORKFLOW_KIND, Story.KIND)));
        story.waiting(new ScheduleTask("pay", Story.json("1"), held, 3, 0, ""));
        assertNull(story.claimTask("t").taskId());
    }

    @Test
    void anotherOrganisationIsNotConcerned() {
        UUID other = new UUID(7, 8);
        story.given(other, pause(QUEUE));
        assertEquals(story.started(), story.claim("w").executionId());
    }

    @Test
    void itSaysWhetherThatChangedAnything() {
        assertFalse(changed(story.given(resume(QUEUE))));
        assertTrue(changed(story.given(pause(QUEUE))));
        Outcome again = story.given(pause(QUEUE));
        assertFalse(changed(again));
        assertEquals(List.of(), Story.types(again));
        WorkPolicy.Pause pause = story.state.policies().get(Story.ORG, QUEUE).pause();
        assertEquals("ann", pause.by());
        assertEquals("stock-taking", pause.reason());
        assertEquals(story.state.timeMs(), pause.sinceMs());
    }

    @Test
    void whatHasChangedMeanwhileIsRefused() {
        long seen = ((Answer.PolicyDecided) story.given(pause(QUEUE)).answer()).version();
        assertTrue(seen > 0);
        assertTrue(changed(story.given(new ResumeWork(QUEUE, "", "ann", seen, 1))));
        Outcome late = story.when(new PauseWork(QUEUE, "", "bob", seen, 1, 0));
        assertEquals(Reason.ABORTED, late.refusal().reason());
        assertEquals(
                "expected version " + seen + " of what is said of orders, as it was seen, but it is version 0: it has"
                        + " changed meanwhile, so look at it again",
                late.refusal().text());
        assertTrue(changed(story.given(new PauseWork(QUEUE, "", "bob", 0, 1, 0))));
    }

    @Test
    void allOtherPartitionsAreToldAndFollow() {
        Outcome outcome = story.given(new PauseWork(QUEUE, "stock-taking", "ann", OfPolicy.ANY_VERSION, 4, 0));
        int home = WorkSubjects.home(Story.ORG, "QUEUE", Story.QUEUE, 4);
        assertEquals(
                IntStream.range(0, 4)
                        .filter(partition -> partition != home)
                        .boxed()
                        .toList(),
                outcome.outgoing().stream().map(Outgoing::shard).toList());
        Story elsewhere = new Story();
        FollowPolicy follow = (FollowPolicy) outcome.outgoing().getFirst().command();
        elsewhere.started();

        elsewhere.given(follow);

        assertNull(elsewhere.claim("w").executionId());
        assertEquals(
                story.state.policies().get(Story.ORG, QUEUE),
                elsewhere.state.policies().get(Story.ORG, QUEUE));
        assertEquals(new Answer.Accepted(false), elsewhere.given(follow).answer(), "it may come twice");
    }

    /** While rules are raised a partition may have refused what it was told. */
    @Test
    void whoAsksForWhatIsSoAlreadyLetsAllOthersBeToldOnceMore() {
        story.given(new PauseWork(QUEUE, "stock-taking", "ann", OfPolicy.ANY_VERSION, 4, 0));
        Outcome again = story.given(new PauseWork(QUEUE, "", "bob", OfPolicy.ANY_VERSION, 4, 0));
        assertFalse(changed(again));
        assertEquals(3, again.outgoing().size());
        Story elsewhere = new Story();

        elsewhere.given((FollowPolicy) again.outgoing().getFirst().command());

        WorkPolicy paused = story.state.policies().get(Story.ORG, QUEUE);
        assertEquals(paused, elsewhere.state.policies().get(Story.ORG, QUEUE));
        story.given(new ResumeWork(QUEUE, "", "ann", OfPolicy.ANY_VERSION, 4));
        Outcome resumed = story.given(new ResumeWork(QUEUE, "", "bob", OfPolicy.ANY_VERSION, 4));
        assertFalse(changed(resumed));
        elsewhere.given((FollowPolicy) resumed.outgoing().getFirst().command());
        assertTrue(elsewhere.state.policies().get(Story.ORG, QUEUE).usual());
    }

    @Test
    void anEarlierPolicyThatComesLateIsPassedOver() {
        WorkPolicy earlier = new WorkPolicy(5, new WorkPolicy.Pause(1, "ann", "first", 0), null);
        WorkPolicy later = new WorkPolicy(9, new WorkPolicy.Pause(2, "bob", "second", 0), null);
        story.given(new FollowPolicy(QUEUE, later));
        assertEquals(
                new Answer.Accepted(false),
                story.given(new FollowPolicy(QUEUE, earlier)).answer());
        assertEquals(later, story.state.policies().get(Story.ORG, QUEUE));
    }

    @Test
    void whatIsAsUsualLeavesTheState() {
        story.given(pause(QUEUE));
        story.state.flush();
        assertEquals(1, new PartitionState(story.storage, 1 << 20).policies().count(Story.ORG));
        story.given(resume(QUEUE));
        story.state.flush();
        assertNull(story.state.policies().of(Story.ORG));
        assertNull(new PartitionState(story.storage, 1 << 20).policies().of(Story.ORG));
    }

    @Test
    void aStateThatIsOpenedAgainIsStillPaused() {
        UUID id = story.started();
        story.given(pause(QUEUE));
        story.state.flush();
        PartitionState reopened = new PartitionState(story.storage, 1 << 20);
        assertEquals(
                story.state.policies().get(Story.ORG, QUEUE),
                reopened.policies().get(Story.ORG, QUEUE));
        assertNull(reopened.handout().first(WORKFLOWS, List.of(), true));
        Engine engine = new Engine(reopened);
        engine.process(new CommandMeta(story.newId(), Story.ORG, 2_000_000, 2_000_000, 1_000, 0), resume(QUEUE));
        assertEquals(id, reopened.handout().first(WORKFLOWS, List.of(), true).executionId());
    }

    @Test
    void aDrainedWorkerGetsNothingNewAndKeepsWhatItHas() {
        UUID held = story.running();
        WorkSubject worker = kind(Type.WORKER, "w");
        story.given(pause(worker));
        UUID ready = story.started();

        Answer.Grant grant = story.claim("w");
        assertNull(grant.executionId());
        assertTrue(grant.draining(), "it is told why, so that it does not ask again at once");
        assertEquals(1, story.state.inHand(Story.ORG, "w"));
        List<WorkSubject> changed = new ArrayList<>();
        story.state.drainHandChanges((orgId, subject) -> changed.add(subject));
        assertTrue(changed.contains(new WorkSubject(WorkSubject.Type.WORKER, "w")), changed::toString);
        story.state.drainHandChanges((orgId, subject) -> fail(subject + " has not changed since"));
        assertEquals(Map.of(Story.KIND, 1), level(WORKFLOWS), "it is there for others");
        story.given(story.submit(held, SubmissionStatus.SUSPENDED));
        assertEquals(0, story.state.inHand(Story.ORG, "w"));
        assertFalse(story.claimTask("other").draining());
        assertEquals(ready, story.claim("other").executionId());

        UUID later = story.started();
        story.given(resume(worker));
        assertEquals(later, story.claim("w").executionId());
    }

    @Test
    void whatIsPausedForATimeGoesOnByItself() {
        UUID id = story.started();
        story.given(new PauseWork(QUEUE, "for a while", "ann", OfPolicy.ANY_VERSION, 1, 5_000));
        story.passes(4_999);
        assertNull(story.claim("w").executionId());

        Outcome over = story.passes(1);

        assertEquals(List.of("WORK_POLICY_CHANGED"), Story.types(over));
        assertEquals(id, story.claim("w").executionId());
        story.given(new PauseWork(QUEUE, "for a while", "ann", OfPolicy.ANY_VERSION, 1, 5_000));
        story.given(resume(QUEUE));
        assertEquals(List.of(), Story.types(story.passes(5_000)), "who resumes it ends that too");
    }

    @Test
    void anOrganisationHasSoManyAtTheMost() {
        for (int i = 0; i < PolicyHandler.MOST; i++) {
            story.given(pause(kind(Type.TASK_KIND, "k" + i)));
        }
        assertSame(Reason.RESOURCE_EXHAUSTED, story.when(pause(QUEUE)).refusal().reason());
        assertTrue(changed(story.given(resume(kind(Type.TASK_KIND, "k7")))));
        assertTrue(changed(story.given(pause(QUEUE))));
    }

    @Test
    void nodesThatDoNotKnowItTakeItForARecordWithoutACommand() {
        Story before = Story.under(Rules.OPERATIONS - 1);
        assertEquals(Reason.POISON, before.when(pause(QUEUE)).refusal().reason());
        assertEquals(
                Reason.POISON,
                before.when(new FollowPolicy(QUEUE, WorkPolicy.USUAL)).refusal().reason());
    }
}
