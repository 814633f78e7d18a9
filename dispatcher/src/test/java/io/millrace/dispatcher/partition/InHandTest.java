package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.CompleteTask;
import io.millrace.dispatcher.engine.command.Command.FollowPolicy;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.Command.SubmitTask;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkPolicy.Limit;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.proto.Shards;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How much workers have of a queue is told as long as it has a limit, and no longer. */
class InHandTest {

    private static final UUID ORG = new UUID(7, 7);
    private static final WorkSubject QUEUE = new WorkSubject(WorkSubject.Type.QUEUE, "mails");

    private final Partitions here = new Partitions();
    private final PartitionRuntime runtime = new PartitionRuntime(
            0,
            new MemoryStorage(),
            new ScriptedLog(),
            HeldAnswersTest.node(here, new WrittenCommands(), new ScriptedLease(), new ArrayList<>()));
    private long next;

    private void process(Command command) {
        CommandMeta meta = new CommandMeta(new UUID(5, next), ORG, 0, 0, next, Rules.MAX_HISTORY_BYTES);
        runtime.process(next++, 1_000_000, CommandRecords.of(meta, command).toByteArray());
    }

    private void limit(long version, @Nullable Limit limit) {
        process(new FollowPolicy(QUEUE, new WorkPolicy(version, null, limit)));
        runtime.tick();
    }

    private int inHand() {
        return here.all().iterator().next().inHand(ORG, QUEUE);
    }

    @Test
    void whatComesBackUnderALimitIsTold() {
        process(new RaiseRules(Rules.VERSION));
        UUID task = Shards.place(1, 1, 0);
        process(new SubmitTask(task, null, "mail", Payload.of("1"), Map.of(), 3, 0, "", 0, "mails", 60_000, 0));
        Claim poll = new Claim(new UUID(2, 2), "w", List.of(), true, 60_000, 3, Map.of(), null);
        process(new ClaimWork(WorkType.TASK, "mails", List.of(poll)));
        limit(9, new Limit(2, 0, 0, "", 9, 1, 0, "ann", "flood"));
        assertEquals(1, inHand());

        process(new CompleteTask(task, task, Payload.of("2")));
        runtime.tick();

        assertEquals(0, inHand());
    }

    @Test
    void nothingIsToldOfAQueueThatHasNoLimitAnyMore() {
        process(new RaiseRules(Rules.VERSION));
        UUID task = Shards.place(1, 1, 0);
        process(new SubmitTask(task, null, "mail", Payload.of("1"), Map.of(), 3, 0, "", 0, "mails", 60_000, 0));
        Claim poll = new Claim(new UUID(2, 2), "w", List.of(), true, 60_000, 3, Map.of(), null);
        process(new ClaimWork(WorkType.TASK, "mails", List.of(poll)));

        limit(9, new Limit(2, 0, 0, "", 9, 1, 0, "ann", "flood"));
        assertEquals(1, inHand());
        limit(10, null);
        assertEquals(0, inHand());
    }
}
