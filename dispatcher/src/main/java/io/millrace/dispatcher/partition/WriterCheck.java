package io.millrace.dispatcher.partition;

import io.millrace.proto.mac.Bursts;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says of a command whether a node of the installation wrote it. Counts those that no node wrote, or that somebody copied, when they
 * are decided for the first time, and logs one line for each burst of them. Stream threads.
 */
public final class WriterCheck {

    private static final Logger LOG = LoggerFactory.getLogger(WriterCheck.class);

    private final CommandMacs macs;
    private final PartitionMetrics metrics;
    private final RecordSeals outcomeSeals;
    private final Bursts bursts = new Bursts();

    /**
     * @param macs knows the keys
     * @param metrics counts
     */
    public WriterCheck(CommandMacs macs, PartitionMetrics metrics) {
        this.macs = macs;
        this.metrics = metrics;
        this.outcomeSeals = new RecordSeals(RecordSeals.Kind.OUTCOME, macs);
    }

    /** @return what seals the outcomes */
    public RecordSeals outcomeSeals() {
        return outcomeSeals;
    }

    /** @return the verdict that stands in the outcome, and decides whether the command is refused */
    MacVerdict of(int partition, long offset, byte[] record, CommandRecord command) {
        MacVerdict verdict = macs.check(partition, record, command);
        if (verdict == MacVerdict.MAC_VALID || verdict == MacVerdict.MAC_UNCHECKED) {
            return verdict;
        }
        metrics.notByANode(verdict);
        note(partition, offset, verdict);
        return macs.mode() == MacMode.REQUIRE ? verdict : MacVerdict.MAC_UNCHECKED;
    }

    /**
     * Says it of a command that is carried out again. What its outcome says counts where keys may have been others when it
     * was decided. But who can write outcomes could let one say of anything that a node wrote it.
     *
     * @param outcome its outcome. One whose seal fits is a node's own word
     * @return the verdict by which it is carried out. Not the one that was recorded if the MAC shows that this was never found
     * @throws PartitionStoppedException the MAC cannot tell
     */
    MacVerdict again(int partition, long offset, byte[] record, CommandRecord command, LogCursor.Recorded outcome) {
        MacVerdict recorded = outcome.outcome().getMac();
        if (outcome.seal() == MacVerdict.MAC_VALID) {
            return recorded;
        }
        if (recorded == MacVerdict.UNRECOGNIZED) {
            return of(partition, offset, record, command);
        }
        MacVerdict now = macs.check(partition, record, command);
        boolean byNode = switch (recorded) {
            // What its number proved is found out again.
            case MAC_VALID, MAC_COPIED, MAC_WITHOUT_NUMBER, MAC_OF_FORGOTTEN_WRITER -> true;
            case MAC_UNCHECKED, MAC_MISSING, MAC_OF_UNKNOWN_KEY, MAC_WRONG, UNRECOGNIZED -> false;
        };
        boolean believed = byNode || recorded == MacVerdict.MAC_UNCHECKED;
        return switch (now) {
            case MAC_UNCHECKED -> recorded;
            case MAC_VALID -> believed ? recorded : of(partition, offset, record, command);
            case MAC_OF_UNKNOWN_KEY, MAC_MISSING, MAC_WRONG -> {
                if (!believed || recorded == MacVerdict.MAC_UNCHECKED && macs.mode() == MacMode.WRITE) {
                    yield recorded;
                }
                if (byNode && now != MacVerdict.MAC_OF_UNKNOWN_KEY) {
                    yield of(partition, offset, record, command);
                }
                throw cannotTell(partition, offset, now, recorded);
            }
            case MAC_COPIED, MAC_WITHOUT_NUMBER, MAC_OF_FORGOTTEN_WRITER, UNRECOGNIZED ->
                throw new IllegalStateException("expected a verdict on a MAC of this version, but got " + now);
        };
    }

    /** A command was decided for the first time. Counts it, and tells of it, if its number says that it is a copy, or nothing. */
    void decided(int partition, long offset, MacVerdict verdict) {
        switch (verdict) {
            case MAC_COPIED, MAC_WITHOUT_NUMBER, MAC_OF_FORGOTTEN_WRITER -> {
                metrics.notByANode(verdict);
                if (bursts.begins()) {
                    LOG.warn(
                            "the command at offset {} of partition {} is refused ({}): {}; others like it are counted only,"
                                    + " until there was none for a minute",
                            offset,
                            partition,
                            verdict,
                            verdict == MacVerdict.MAC_COPIED
                                    ? "somebody copied a command to the end of the log"
                                    : "it may be a copy that somebody put there");
                }
            }
            case MAC_UNCHECKED, MAC_VALID, MAC_MISSING, MAC_OF_UNKNOWN_KEY, MAC_WRONG, UNRECOGNIZED -> {}
        }
    }

    private static PartitionStoppedException cannotTell(
            int partition, long offset, MacVerdict now, MacVerdict recorded) {
        String found = "expected to know who wrote the command at offset " + offset
                + ", which is carried out again, but it is " + now + " by the keys of this node, and its outcome says "
                + recorded;
        return new PartitionStoppedException(
                partition,
                found,
                now == MacVerdict.MAC_OF_UNKNOWN_KEY
                        ? "If its key was taken out of commands.mac.key_file, put it back behind the others until the"
                                + " partition has been carried out to its end. If there was no such key, somebody else wrote"
                                + " both: restore millrace.events from a copy without that outcome."
                        : "If it was written before nodes had keys, start the node with commands.mac.mode = \"write\" until the"
                                + " partition has been carried out to its end. If not, somebody else wrote both: restore"
                                + " millrace.events from a copy without that outcome.");
    }

    private void note(int partition, long offset, MacVerdict verdict) {
        if (bursts.begins()) {
            LOG.warn(
                    "the command at offset {} of partition {} was not written by a node that is known here ({}) and is {};"
                            + " others like it are counted only, until there was none for a minute",
                    offset,
                    partition,
                    verdict,
                    macs.mode() == MacMode.REQUIRE ? "refused" : "carried out all the same");
        }
    }
}
