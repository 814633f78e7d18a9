package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.LogTaskMessage;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.ScheduleTask;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.engine.store.Table;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which execution a task belongs to, when nothing but the task's id is known. */
class TaskLookUpTest {

    private static final UUID OTHER_ORG = new UUID(8, 8);

    private final Story story = new Story();

    private UUID home(UUID org, UUID task) {
        return story.state.taskHome(org, task);
    }

    private UUID afterRestart(UUID org, UUID task) {
        story.state.flush();
        return new PartitionState(story.storage, 1 << 20).taskHome(org, task);
    }

    private static ScheduleTask schedule(UUID task) {
        return new ScheduleTask("pay", Story.json("1"), task, 0, 0, "");
    }

    /** @return a workflow of the other organisation with such a task */
    private UUID othersWith(UUID task) {
        UUID id = story.newId();
        story.when(OTHER_ORG, story.start(id, Story.KIND, ""));
        story.when(OTHER_ORG, new ClaimWork(WorkType.WORKFLOW, Story.QUEUE, List.of(story.poll("w"))));
        story.when(OTHER_ORG, story.submit(id, SubmissionStatus.SUSPENDED, schedule(task)));
        return id;
    }

    @Test
    void anUnknownIdIsAnsweredWithoutAWalk() {
        for (int i = 0; i < 100_000; i++) {
            UUID id = story.newId();
            story.given(new SubmitTask(
                    id, null, "mail", Story.json("1"), Map.of(), 0, 0, "", 0, Story.QUEUE, Story.RETENTION_MS, 0));
        }
        story.state.flush();
        assertEquals(100_000, story.storage.size(Table.TASKS));
        long before = story.storage.visits();

        assertNull(home(Story.ORG, new UUID(0x1000, 500_000)));
        assertNull(home(OTHER_ORG, new UUID(0x1000, 50_000)));
        assertEquals(new UUID(0x1000, 50_000), home(Story.ORG, new UUID(0x1000, 50_000)));

        assertTrue(
                story.storage.visits() - before <= 3, "it looked at " + (story.storage.visits() - before) + " entries");
    }

    @Test
    void aTaskIsFoundFromTheCommandThatMadeItOn() {
        UUID task = story.newId();
        UUID id = story.waiting(schedule(task));

        assertEquals(id, home(Story.ORG, task));
        story.state.flush();
        assertEquals(id, home(Story.ORG, task));
        assertEquals(id, afterRestart(Story.ORG, task));
    }

    @Test
    void organisationsThatUseTheSameIdDoNotMeet() {
        UUID task = story.newId();
        UUID theirs = othersWith(task);
        assertNull(home(Story.ORG, task));
        UUID ours = story.waiting(schedule(task));

        for (int flushed = 0; flushed < 2; flushed++) {
            assertEquals(ours, home(Story.ORG, task));
            assertEquals(theirs, home(OTHER_ORG, task));
            story.state.flush();
        }
        assertEquals(ours, afterRestart(Story.ORG, task));
        assertEquals(theirs, afterRestart(OTHER_ORG, task));
    }

    @Test
    void whereTwoWorkflowsUseAnIdTheOneThatStaysIsFound() {
        UUID task = story.newId();
        UUID stays = story.waiting(schedule(task));
        UUID leaves = story.running();
        story.given(story.submit(leaves, SubmissionStatus.COMPLETED, schedule(task)));
        story.state.flush();

        story.passes(2 * Story.RETENTION_MS);

        assertEquals(List.of(stays, stays), List.of(afterRestart(Story.ORG, task), home(Story.ORG, task)));
    }

    @Test
    void aTaskOfAnExecutionThatLeftIsNotFound() {
        UUID task = story.newId();
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED, schedule(task)));
        story.given(new LogTaskMessage(task, id, "INFO", "a line", 10, 0));
        story.state.flush();

        story.passes(2 * Story.RETENTION_MS);
        story.state.flush();

        assertNull(home(Story.ORG, task));
        assertEquals(0, story.storage.size(Table.TASKS));
    }

    @Test
    void aLogIsStoredLineByLineAndReadAgain() {
        UUID task = story.newId();
        UUID id = story.waiting(schedule(task));
        story.given(new LogTaskMessage(task, id, "INFO", "one", 10, 0));
        story.state.flush();
        story.given(new LogTaskMessage(task, id, "WARN", "two", 10, 0));
        story.state.flush();

        PartitionState reopened = new PartitionState(story.storage, 1 << 20);

        assertEquals(3, story.storage.size(Table.TASKS));
        Task read = reopened.viewTask(reopened.view(id), task);
        assertEquals(
                List.of("one", "two"),
                read.log().stream().map(Task.LogLine::message).toList());
        assertEquals(story.state.task(id, task).logBytes(), read.logBytes());
    }
}
