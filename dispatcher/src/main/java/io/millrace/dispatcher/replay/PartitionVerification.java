package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.PartitionStoppedException;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.replay.Difference.Kind;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LogUnreadableException;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.proto.v1.MacVerdict;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out the log of one partition again and compares what comes of it. One thread. */
final class PartitionVerification {

    private final int partition;
    private final VerifyRange range;
    private final VerifyReport report;
    private final LongAdder done;
    private final BooleanSupplier stop;
    private final OutcomeComparison comparison;
    /** From the first difference on all hashes differ, since each covers the one before it. */
    private boolean hashesDiffer;

    /**
     * @param range what of the partition is compared
     * @param report takes what is found
     * @param done counts commands that were carried out
     * @param stop whether nobody wants to know any more
     */
    PartitionVerification(int partition, VerifyRange range, VerifyReport report, LongAdder done, BooleanSupplier stop) {
        this.partition = partition;
        this.range = range;
        this.report = report;
        this.done = done;
        this.stop = stop;
        this.comparison = new OutcomeComparison(partition);
    }

    /** @param log gives one entry after the other, and null at its end */
    void run(Supplier<@Nullable LogEntry> log, Home home, long memoryBytes) {
        try (PartitionReplay replay = new PartitionReplay(home, memoryBytes)) {
            if (range.rules() > 0) {
                replay.decideBy(range.rules());
                hashesDiffer = true;
            }
            long expected = 0;
            for (LogEntry entry = log.get(); entry != null && !stop.getAsBoolean(); entry = log.get()) {
                LoggedCommand command = entry.command();
                if (command == null) {
                    alone(entry, expected);
                    continue;
                }
                if (command.offset() >= range.to()) {
                    break;
                }
                expected = command.offset() + 1;
                carryOut(replay, command, entry);
            }
        } catch (PartitionStoppedException | StorageException | LogUnreadableException e) {
            report.unseen(partition, String.valueOf(e.getMessage()));
        }
    }

    private void alone(LogEntry entry, long expected) {
        if (expected >= range.from()) {
            report.differs(comparison.alone(entry, expected));
        }
    }

    private void carryOut(PartitionReplay replay, LoggedCommand command, LogEntry entry) {
        MacVerdict verdict = entry.verdict();
        if (verdict == MacVerdict.UNRECOGNIZED) {
            throw new LogUnreadableException("expected the outcome of the command at offset "
                    + command.offset() + " of partition " + partition
                    + " with a verdict on a MAC that this version knows, but it has another");
        }
        Executed executed = replay.carryOut(command, verdict);
        done.increment();
        if (command.offset() >= range.from()) {
            report.compared();
            comparison.compare(entry, executed).ifPresent(this::note);
        }
    }

    private void note(Difference difference) {
        boolean follows = hashesDiffer
                && (difference.kind() == Kind.HASHES || difference.kind() == Kind.RULES && range.rules() > 0);
        hashesDiffer = true;
        if (follows) {
            report.follows();
        } else {
            report.differs(difference);
        }
    }
}
