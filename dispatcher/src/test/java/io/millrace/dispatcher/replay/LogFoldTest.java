package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events alone give the same stores as the commands did, byte for byte. */
class LogFoldTest {

    private static final int COMMANDS = 1_500;

    @ParameterizedTest
    @ValueSource(longs = {61, 62, 63, 64, 65, 66, 67, 68})
    void outcomesGiveTheStoresThatTheCommandsGave(long seed) {
        RecordedRandomLog log = RecordedRandomLog.ofNewestRules(seed, COMMANDS);
        MemoryStorage storage = new MemoryStorage();
        PartitionState state = new PartitionState(storage, 1 << 20);
        LogFold fold = new LogFold(state);

        for (LogEntry entry : log.entries()) {
            fold.apply(entry.outcome());
            if (entry.command().offset() % RecordedRandomLog.FLUSHED_EVERY == 0) {
                state.flush();
            }
        }
        state.flush();

        String decided = withoutWriters(log.storage().dump());
        assertEquals(
                String.join("\n", missing(decided, storage.dump())),
                String.join("\n", missing(storage.dump(), decided)));
        assertEquals(decided, storage.dump());
    }

    /** Which numbers were seen only the commands tell. */
    private static String withoutWriters(String dump) {
        assertTrue(dump.contains("WRITERS"), "expected commands with numbers");
        return dump.lines()
                .filter(line -> !line.startsWith("WRITERS"))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** @return lines of the one that the other has not */
    private static List<String> missing(String one, String other) {
        Set<String> there = new HashSet<>(Arrays.asList(other.split("\n")));
        return Arrays.stream(one.split("\n"))
                .filter(line -> !there.contains(line))
                .toList();
    }

    @Test
    void theLogsHaveExecutionsThatEndedKeysAndClocksThatWentBack() {
        RecordedRandomLog log = RecordedRandomLog.ofNewestRules(61, COMMANDS);
        String stores = log.storage().dump();

        assertTrue(stores.contains("CLOSED") && stores.contains("KEYS") && stores.contains("READY"), stores);
        assertTrue(
                log.entries().stream()
                        .anyMatch(entry -> entry.outcome().record().hasAppendedMs()),
                "expected a clock that ran ahead, so that the outcomes tell of it");
    }

    /** What is no outcome is told with its place. */
    @Test
    void tellsWhichRecordIsNoOutcome() {
        LogFold fold = new LogFold(new PartitionState(new MemoryStorage(), 1 << 20));

        for (byte[] record : new byte[][] {null, {1, 2, 3}}) {
            String told = assertThrows(LogUnreadableException.class, () -> fold.apply(LoggedOutcome.of(7, record)))
                    .getMessage();
            assertTrue(told.startsWith("expected an outcome at offset 7, but the record is "), told);
        }
    }
}
