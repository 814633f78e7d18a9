package io.millrace.ingest.audit.notary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.ingest.audit.proof.OutcomeLeaf;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeafMakerTest {

    private static final int PARTITION = 1;
    private static final TopicPartition COMMANDS = new TopicPartition(Topics.COMMANDS, PARTITION);
    private static final long NOW = 1_700_000_000_000L;

    private final Commands log = new Commands();
    private long nanos;
    private final RecordsAgain commands = new RecordsAgain(log);
    private final LeafMaker leaves = new LeafMaker(commands, () -> nanos);

    @BeforeEach
    void assign() {
        commands.assign(List.of(COMMANDS));
    }

    @AfterEach
    void close() {
        commands.close();
    }

    @Test
    void aRecordWithoutAValueHasNoCommand() {
        OutcomeLeaf leaf = entry(new LoggedRecord(4, NOW, null, null, List.of()));

        assertEquals(-1, leaf.commandOffset());
        assertEquals(4, leaf.outcomeOffset());
    }

    /** Else the entry would be another one whenever the tree is made again. */
    @Test
    void aCommandThatComesWhileItIsLookedForBelongsToItsOutcome() {
        log.comesBeforeTheEndIsTold = true;

        OutcomeLeaf leaf = entry(outcomeOf(0));

        assertEquals(0, leaf.commandOffset());
    }

    @Test
    void aCommandThatIsNotThereYetIsWaitedFor() {
        assertEquals(new LeafMaker.NotYet(), leaves.leaf(PARTITION, outcomeOf(0)));
        log.write();

        assertEquals(0, entry(outcomeOf(0)).commandOffset());
    }

    /** Whatever the time of day: a clock that is ahead would make another entry than a later process. */
    @Test
    void aCommandThatDoesNotComeIsWaitedForTwoMinutes() {
        assertEquals(new LeafMaker.NotYet(), leaves.leaf(PARTITION, outcomeOf(0)));
        nanos = TimeUnit.MINUTES.toNanos(2) - 1;
        assertEquals(new LeafMaker.NotYet(), leaves.leaf(PARTITION, outcomeOf(0)));
        nanos++;
        assertEquals(-1, entry(outcomeOf(0)).commandOffset());
    }

    private OutcomeLeaf entry(LoggedRecord outcome) {
        return assertInstanceOf(LeafMaker.Leaf.class, leaves.leaf(PARTITION, outcome))
                .entry();
    }

    private static LoggedRecord outcomeOf(long commandOffset) {
        return new LoggedRecord(
                7,
                NOW,
                null,
                OutcomeRecord.newBuilder()
                        .setCommandOffset(commandOffset)
                        .build()
                        .toByteArray(),
                List.of());
    }

    /** The commands of a partition, to which one is added when the test says. */
    private static final class Commands extends MockConsumer<byte[], byte[]> {

        private boolean comesBeforeTheEndIsTold;
        private boolean looked;

        Commands() {
            super("none");
            updateBeginningOffsets(Map.of(COMMANDS, 0L));
            updateEndOffsets(Map.of(COMMANDS, 0L));
        }

        void write() {
            addRecord(new ConsumerRecord<>(
                    COMMANDS.topic(),
                    PARTITION,
                    0,
                    NOW,
                    TimestampType.LOG_APPEND_TIME,
                    -1,
                    1,
                    null,
                    new byte[1],
                    new RecordHeaders(),
                    Optional.empty()));
            updateEndOffsets(Map.of(COMMANDS, 1L));
        }

        /** The first one who asks has found nothing; for the second one it is there. */
        @Override
        public synchronized Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> places) {
            if (comesBeforeTheEndIsTold && looked) {
                comesBeforeTheEndIsTold = false;
                write();
            }
            looked = true;
            return super.endOffsets(places);
        }
    }
}
