package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.HalfAppliedException;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.FailedParts;
import io.millrace.dispatcher.partition.PartitionStoppedException;
import io.millrace.dispatcher.partition.RecordExecutor;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.RaiseRules;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.helpers.NOPLogger;

/**
 * Carries the commands of a partition out again, from its first one on, upon a state of its own. All that decides comes with the
 * commands and with what is recorded of them, so the same comes of them as did then. Nobody hears of it. One thread.
 */
public final class PartitionReplay implements AutoCloseable {

    /**
     * Between two flushes an execution that starts and ends is written once. But memory holds what came since the last one, which the
     * collector copies again and again.
     */
    static final int FLUSH_EVERY = 4_000;
    /** Of the memory, the part that payloads of one such span may take. */
    private static final int UNFLUSHED_PART = 4;
    /** Place of a command that stands before the log. */
    private static final long BEFORE = -1;

    private final Home home;
    private final long memoryBytes;
    private final ScratchStorage storage;
    private final FailedParts failedParts = new FailedParts();
    /** Since the last flush: what is carried out once more if the state has to be opened anew. */
    private final List<Decided> sinceFlush = new ArrayList<>();

    private long sinceFlushBytes;

    private PartitionState state;
    private RecordExecutor executor;
    private MacVerdict verdict = MacVerdict.MAC_UNCHECKED;
    private RecordExecutor.Writers writers = (offset, record, command) -> verdict;

    private record Decided(LoggedCommand command, MacVerdict verdict) {}

    /** @param memoryBytes what it may take in memory, about; what is more rests in a temporary folder */
    public PartitionReplay(Home home, long memoryBytes) {
        this.home = home;
        this.memoryBytes = memoryBytes;
        this.storage = new ScratchStorage(memoryBytes / 2);
        open();
    }

    private void open() {
        state = new PartitionState(storage, memoryBytes / 2);
        executor = new RecordExecutor(home, state, failedParts, NOPLogger.NOP_LOGGER);
    }

    /**
     * Lets other rules decide from the beginning than the log says, as if a command had raised them before its first one.
     *
     * @param version of the rules
     * @throws PartitionStoppedException this code does not know them
     */
    public void decideBy(int version) {
        byte[] raise = CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(new UUID(0, 0)))
                .setOrgId(Ids.toByteString(new UUID(0, 0)))
                .setRaiseRules(RaiseRules.newBuilder().setVersion(version))
                .build()
                .toByteArray();
        writers = writers.knowingNumbers(); // under other rules commands may have had none
        carryOut(new LoggedCommand(BEFORE, 0, raise), MacVerdict.MAC_UNCHECKED);
    }

    /**
     * Carries out the command that stands next in the log.
     *
     * @param recorded what its MAC proved when it was decided
     * @throws PartitionStoppedException it raises the rules to a version that this code does not know
     */
    public Executed carryOut(LoggedCommand command, MacVerdict recorded) {
        Executed executed = execute(command, recorded);
        sinceFlush.add(new Decided(command, recorded));
        // Commands that were refused leave nothing in the state, and may be large all the same.
        sinceFlushBytes += command.value() == null ? 0 : command.value().length;
        if (sinceFlush.size() >= FLUSH_EVERY
                || Math.max(state.unflushedBytes(), sinceFlushBytes) > memoryBytes / UNFLUSHED_PART) {
            flush();
        }
        return executed;
    }

    private Executed execute(LoggedCommand command, MacVerdict recorded) {
        while (true) {
            try {
                verdict = recorded;
                return executor.execute(command.offset(), command.appendedMs(), command.value(), writers);
            } catch (HalfAppliedException e) {
                // That part is known now, and is refused before it begins: so each turn comes further than the one
                // before.
                open();
                sinceFlush.forEach(earlier -> execute(earlier.command, earlier.verdict));
            }
        }
    }

    private void flush() {
        state.flush();
        state.tellNobody();
        sinceFlush.clear();
        sinceFlushBytes = 0;
    }

    /** @return the state after the last command */
    public PartitionState state() {
        return state;
    }

    /** @return all that rests of the state once everything is written; for reading */
    ScratchStorage stored() {
        flush();
        return storage;
    }

    /** Nothing of it is left. */
    @Override
    public void close() {
        storage.close();
    }
}
