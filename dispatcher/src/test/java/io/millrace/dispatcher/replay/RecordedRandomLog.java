package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.FailedParts;
import io.millrace.dispatcher.partition.RecordExecutor;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.helpers.NOPLogger;

/** A random log with the outcomes that an owner of the partition wrote, and the store that was left. */
final class RecordedRandomLog {

    static final Home HOME = new Home(0, 4);

    /** After the commands at these offsets its owner commits. */
    static final int FLUSHED_EVERY = 13;

    private final List<LogEntry> entries = new ArrayList<>();
    private final MemoryStorage storage = new MemoryStorage();

    /** Some commands come from nobody known: what their MACs proved stands in their outcomes alone. */
    RecordedRandomLog(long seed, int commands) {
        this(RandomLog.ofFirst(HOME.partitions(), seed), commands, false);
    }

    /** One by the newest rules from its first command on. The ids of some commands are none. */
    static RecordedRandomLog ofNewestRules(long seed, int commands) {
        return new RecordedRandomLog(RandomLog.ofNewestRules(HOME.partitions(), seed), commands, true);
    }

    private RecordedRandomLog(RandomLog random, int commands, boolean withoutIds) {
        PartitionState state = new PartitionState(storage, 1 << 20);
        RecordExecutor owner = new RecordExecutor(HOME, state, new FailedParts(), NOPLogger.NOP_LOGGER);
        for (RandomLog.Entry entry : random.entries(commands)) {
            long offset = entry.meta().offset();
            byte[] command = offset % 97 == 96 ? new byte[] {1, 2, 3} : numbered(entry, offset, withoutIds);
            MacVerdict verdict = offset % 31 == 30 ? MacVerdict.MAC_WRONG : MacVerdict.MAC_VALID;
            byte[] outcome = owner.execute(offset, entry.meta().appendedMs(), command, (at, record, read) -> verdict)
                    .record()
                    .toByteArray();
            entries.add(new LogEntry(
                    new LoggedCommand(offset, entry.meta().appendedMs(), command), LoggedOutcome.of(offset, outcome)));
            if (offset % FLUSHED_EVERY == 0) {
                state.flush();
            }
        }
        state.flush();
    }

    private static byte[] numbered(RandomLog.Entry entry, long offset, boolean withoutIds) {
        CommandRecord.Builder command = CommandRecords.of(entry.meta(), entry.command()).toBuilder()
                .setWriter(Ids.toByteString(new UUID(offset % 3, 0)))
                // Some have a number that their writer has used before.
                .setWriterSequence(offset % 43 == 42 ? offset - 2 : offset + 1);
        if (withoutIds && offset % 89 == 88) {
            command.setCommandId(ByteString.copyFromUtf8("no id"));
        }
        return command.build().toByteArray();
    }

    List<LogEntry> entries() {
        return entries;
    }

    MemoryStorage storage() {
        return storage;
    }

    /** Changes what is recorded of the command at the offset. */
    void change(int offset, UnaryOperator<OutcomeRecord> change) {
        LogEntry entry = entries.get(offset);
        byte[] changed = change.apply(entry.outcome().record()).toByteArray();
        entries.set(offset, new LogEntry(entry.command(), LoggedOutcome.of(offset, changed)));
    }

    /** @return gives one entry after the other, and null at the end */
    Supplier<LogEntry> reader() {
        Iterator<LogEntry> all = entries.iterator();
        return () -> all.hasNext() ? all.next() : null;
    }
}
