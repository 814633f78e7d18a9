package io.millrace.dispatcher.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.FailedParts;
import io.millrace.dispatcher.partition.RecordExecutor;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.partition.RecordExecutor.Writers;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

/** What came of commands is held against records without records being made of it. */
class OutcomeMatchTest {

    private static final int COMMANDS = 400;
    private static final int PARTITIONS = 4;

    private static List<Executed> executed(RandomLog log) {
        RecordExecutor executor = new RecordExecutor(
                new Home(0, PARTITIONS),
                new PartitionState(new MemoryStorage(), 1 << 20),
                new FailedParts(),
                NOPLogger.NOP_LOGGER);
        List<Executed> executed = new ArrayList<>();
        for (RandomLog.Entry entry : log.entries(COMMANDS)) {
            long offset = entry.meta().offset();
            CommandRecord.Builder command = CommandRecords.of(entry.meta(), entry.command()).toBuilder();
            if (offset % 50 == 49) {
                command.setCommandId(ByteString.copyFromUtf8("no id")).clearPrincipal();
            }
            MacVerdict verdict = offset % 31 == 30 ? MacVerdict.MAC_WRONG : MacVerdict.MAC_VALID;
            Writers writers = ((Writers) (at, record, read) -> verdict).knowingNumbers();
            executed.add(executor.execute(
                    offset, entry.meta().appendedMs(), command.build().toByteArray(), writers));
        }
        return executed;
    }

    private static boolean matches(byte[] record, Executed one) {
        return OutcomeMatch.is(record, one.command(), one.meta().offset(), one.outcome(), one.verdict(), one.hash());
    }

    /** Otherwise nothing would be gained, and nobody would notice. */
    @Test
    void knowsEveryRecordThatTheEncoderMakes() {
        List<Executed> all = new ArrayList<>();
        for (long seed = 1; seed <= 3; seed++) {
            all.addAll(executed(RandomLog.ofFirst(PARTITIONS, seed)));
            all.addAll(executed(RandomLog.ofNewestRules(PARTITIONS, seed)));
        }

        for (Executed one : all) {
            assertTrue(
                    matches(one.record().toByteArray(), one), () -> one.record().toString());
        }
        assertTrue(all.stream().anyMatch(one -> one.record().getSettledCount() > 0), "something was settled");
        assertTrue(all.stream().anyMatch(one -> one.record().hasRefusal()), "something was refused");
        assertTrue(all.stream().anyMatch(one -> one.record().hasAppendedMs()), "a clock ran ahead");
        assertTrue(all.stream().anyMatch(one -> one.hash() == null), "older rules decided");
    }

    @Test
    void everyByteCounts() {
        for (Executed one : executed(RandomLog.ofNewestRules(PARTITIONS, 4))) {
            byte[] record = one.record().toByteArray();
            for (int i = 0; i < record.length; i++) {
                record[i] ^= 1;
                assertFalse(matches(record, one), "byte " + i);
                record[i] ^= 1;
                assertFalse(matches(Arrays.copyOf(record, i), one), "cut at " + i);
            }
            assertFalse(matches(Arrays.copyOf(record, record.length + 1), one));
        }
    }

    /** A newer build may have more in it; and the same may be written in other bytes. */
    @Test
    void anotherFormOfTheSameIsNotTheRecord() {
        Executed one = executed(RandomLog.ofNewestRules(PARTITIONS, 5)).getFirst();
        byte[] more = one.record().toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                900,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build())
                .build()
                .toByteArray();
        byte[] record = one.record().toByteArray();
        // The length of the first field, the id of the command, in two bytes.
        byte[] longer = new byte[record.length + 1];
        longer[0] = record[0];
        longer[1] = (byte) (record[1] | 0x80);
        System.arraycopy(record, 2, longer, 3, record.length - 2);

        assertEquals(16, record[1]);
        for (byte[] other : List.of(more, longer)) {
            assertFalse(matches(other, one));
            assertFalse(OutcomeEncoder.isRecord(
                    other, one.command(), one.meta().offset(), one.outcome(), one.verdict(), one.hash()));
        }
    }

    /** Of which the short way knows nothing. */
    @Test
    void aTextThatIsNotAsciiIsStillTheRecord() {
        Executed one = executed(RandomLog.ofNewestRules(PARTITIONS, 6)).getFirst();
        CommandRecord command = one.command().toBuilder().setOrigin("nœud").build();
        byte[] record = OutcomeEncoder.encode(command, 0, one.outcome(), one.verdict(), one.hash())
                .toByteArray();

        assertTrue(OutcomeEncoder.isRecord(record, command, 0, one.outcome(), one.verdict(), one.hash()));
    }
}
