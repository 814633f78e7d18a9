package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.Event.RunCause;
import io.millrace.dispatcher.engine.event.Event.ScheduleDeleted;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunBuffered;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunEnded;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunSkipped;
import io.millrace.dispatcher.engine.event.Event.ScheduleRunStarted;
import io.millrace.dispatcher.engine.event.Event.SkipReason;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Schedule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What holds of schedules in any log: no due time is decided twice, no run starts twice, and awaited runs come one by one. */
class ScheduleInvariantsTest {

    private static final int LOGS = 40;
    private static final int COMMANDS = 2_000;

    private final Set<UUID> started = new HashSet<>();
    private final Map<UUID, UUID> open = new HashMap<>();
    private final Map<UUID, Long> decided = new HashMap<>();
    private int ended;

    private void take(SealedEvent sealed) {
        Event event = EventParser.parse(sealed);
        switch (event) {
            case ScheduleDeleted e -> open.remove(e.scheduleId());
            case ScheduleRunStarted e -> {
                assertTrue(started.add(e.runId()), () -> "started twice: " + e);
                if (e.awaited()) {
                    assertNull(open.put(e.scheduleId(), e.runId()), () -> "another is open: " + e);
                }
                if (!e.waited()) {
                    decided(e.scheduleId(), e.dueMs(), e.cause());
                }
            }
            case ScheduleRunBuffered e -> decided(e.scheduleId(), e.dueMs(), e.cause());
            case ScheduleRunSkipped e -> {
                if (e.reason() != SkipReason.REPLACED) {
                    decided(e.scheduleId(), e.dueMs(), e.cause());
                }
            }
            case ScheduleRunEnded e -> {
                ended++;
                assertEquals(e.runId(), open.remove(e.scheduleId()));
            }
            default -> {} // all others are about no run
        }
    }

    private void decided(UUID scheduleId, long dueMs, RunCause cause) {
        if (cause == RunCause.DUE || cause == RunCause.MISSED) {
            Long before = decided.put(scheduleId, dueMs);
            assertTrue(before == null || before < dueMs, () -> "decided again: " + dueMs + " after " + before);
        }
    }

    @Test
    void theyHoldInRandomLogs() {
        for (long seed = 1; seed <= LOGS; seed++) {
            open.clear();
            decided.clear();
            holdIn(seed);
        }
        assertTrue(started.size() > 100, () -> "expected logs with runs of schedules, but they have " + started.size());
        assertTrue(ended > 0, () -> "expected logs with awaited runs, but they have " + ended);
    }

    private void holdIn(long seed) {
        MemoryStorage storage = new MemoryStorage();
        PartitionState state = new PartitionState(storage, 64 << 20);
        Engine engine = new Engine(state);
        new RandomLog(seed)
                .entries(COMMANDS)
                .forEach(entry ->
                        engine.process(entry.meta(), entry.command()).events().forEach(this::take));
        state.flush();
        PartitionState opened = new PartitionState(storage, 64 << 20);
        List<Schedule> stored = new ArrayList<>();
        opened.schedules(stored::add);
        for (Schedule schedule : stored) {
            assertEquals(state.schedule(schedule.orgId(), schedule.name()), schedule);
            assertEquals(open.get(schedule.definition().id()), schedule.openRun());
        }
        assertEquals(
                stored.stream().filter(Schedule::wantsPlan).count(),
                opened.schedulesToPlan().size());
    }
}
