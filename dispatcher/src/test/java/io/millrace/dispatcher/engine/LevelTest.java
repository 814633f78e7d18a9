package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The levels that the notifier hears of, after any log. */
class LevelTest {

    private static final int COMMANDS = 1_500;

    private final MemoryStorage storage = new MemoryStorage();
    private PartitionState state = new PartitionState(storage, 256 << 20);
    private final Map<QueueKey, Map<String, Integer>> heard = new HashMap<>();

    /** Whoever hears of every queue that grew or shrank knows at every moment what stands ready. */
    @ParameterizedTest
    @ValueSource(longs = {4, 6, 7, 9, 11, 14})
    void whatIsToldIsWhatTheEventsSay(long seed) {
        Engine engine = new Engine(state);
        Recount recount = new Recount();
        int highest = 0;
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            engine.process(entry.meta(), entry.command()).events().forEach(recount::take);
            hear(state.ready().drainShrunk());
            hear(state.ready().drainGrown());
            assertEquals(recount.levels(), heard, () -> "after " + entry.command());
            highest = Math.max(highest, heard.size());
        }
        assertTrue(highest >= 4, "expected work of both types in both queues at some time");

        // Whoever takes the partition over tells the same, with its first command.
        state.flush();
        state = new PartitionState(storage, 16 << 20);
        Map<QueueKey, Map<String, Integer>> before = Map.copyOf(heard);
        heard.clear();
        hear(state.ready().drainGrown());
        assertEquals(before, heard);
    }

    private void hear(List<QueueKey> queues) {
        for (QueueKey queue : queues) {
            Map<String, Integer> level = level(queue);
            if (level.isEmpty()) {
                heard.remove(queue);
            } else {
                heard.put(queue, level);
            }
        }
    }

    private Map<String, Integer> level(QueueKey queue) {
        Map<String, Integer> level = new TreeMap<>();
        state.handout().kinds(queue, (kind, count, headOrderMs) -> level.put(kind, count));
        return level;
    }

    /** A claim gets something exactly where the level says that there is something. */
    @ParameterizedTest
    @ValueSource(longs = {4, 6, 7, 9})
    void levelsSayWhatClaimsFind(long seed) {
        Engine engine = new Engine(state);
        long offset = 0;
        long lastMs = 0;
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            engine.process(entry.meta(), entry.command());
            offset = entry.meta().offset() + 1;
            lastMs = Math.max(lastMs, entry.meta().timeMs());
        }
        for (QueueKey queue : state.ready().nonEmpty()) {
            QueuePlaces places = state.places().get(queue.orgId(), queue.queue());
            int level = places == null
                    ? level(queue).values().stream().mapToInt(Integer::intValue).sum()
                    : Math.min(places.spare(), state.handout().fitting(queue, List.of(), true));
            int found = 0;
            while (claims(engine, queue, offset++, lastMs)) {
                found++;
            }
            assertEquals(level, found, queue.toString());
        }
    }

    private static boolean claims(Engine engine, QueueKey queue, long offset, long timeMs) {
        var claim = new Claim(new UUID(9, offset), "w", List.of(), true, 60_000, 100, Map.of(), null);
        var command = new ClaimWork(queue.workType(), queue.queue(), List.of(claim));
        var meta = new CommandMeta(new UUID(10, offset), queue.orgId(), timeMs, timeMs, offset, 0);
        Answer.Claimed answer = (Answer.Claimed) engine.process(meta, command).answer();
        return answer.grants().getFirst().executionId() != null;
    }
}
