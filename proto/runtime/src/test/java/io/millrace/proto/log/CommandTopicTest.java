package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Ids;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.kafka.UnsentException;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.MacVerdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CommandTopicTest {

    private static final Duration LONG = Duration.ofMinutes(5);
    private static final CommandRecord COMMAND = CommandRecord.newBuilder()
            .setOrigin("node-1")
            .setFireDue(FireDue.newBuilder().setLimit(7))
            .build();
    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k1", new byte[MacKey.LEAST_BYTES]))));

    private static final class Broker extends MockProducer<byte[], byte[]> {

        private volatile Exception refusal;

        Broker() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            Exception no = refusal;
            if (no == null) {
                return super.send(record, callback);
            }
            callback.onCompletion(null, no);
            return CompletableFuture.failedFuture(no);
        }
    }

    private final Broker broker = new Broker();
    private final AtomicLong nanos = new AtomicLong();
    private final CommandTopic topic = new CommandTopic(new TopicWriter("t", broker), MACS, nanos::get);

    @AfterEach
    void close() {
        topic.close();
    }

    private void write(int partition) {
        topic.write(partition, new byte[16], COMMAND, LONG, (where, failure) -> {});
    }

    private List<CommandRecord> written() {
        return broker.history().stream().map(CommandTopicTest::command).toList();
    }

    private static CommandRecord command(ProducerRecord<byte[], byte[]> record) {
        try {
            return CommandRecord.parseFrom(record.value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCommandGetsItsNumberUnderItsMacAndIsTheSameOtherwise() {
        write(3);
        topic.write(3, new byte[16], COMMAND.toByteArray(), LONG, (where, failure) -> {});

        for (int i = 0; i < 2; i++) {
            byte[] record = broker.history().get(i).value();
            CommandRecord command = written().get(i);
            assertEquals(MacVerdict.MAC_VALID, MACS.check(3, record, command));
            assertEquals(7, Ids.fromBytes(command.getWriter()).version());
            assertEquals(i + 1, command.getWriterSequence());
            assertEquals(
                    COMMAND,
                    command.toBuilder()
                            .clearWriter()
                            .clearWriterSequence()
                            .clearMac()
                            .build());
            for (int at = 0; at < record.length; at++) {
                byte[] changed = record.clone();
                changed[at] ^= 1;
                MacVerdict verdict;
                try {
                    verdict = MACS.check(3, changed, CommandRecord.parseFrom(changed));
                } catch (InvalidProtocolBufferException e) {
                    continue;
                }
                assertNotEquals(MacVerdict.MAC_VALID, verdict, "byte " + at);
            }
        }
        assertEquals(written().get(0).getWriter(), written().get(1).getWriter());
    }

    @Test
    void eachPartitionHasAWriterOfItsOwnAndSoHasEachProducer() {
        write(0);
        write(1);
        write(0);
        Broker second = new Broker();
        try (CommandTopic other = new CommandTopic(new TopicWriter("t", second), MACS)) {
            other.write(0, new byte[16], COMMAND, LONG, (where, failure) -> {});
        }

        List<Long> numbers =
                written().stream().map(CommandRecord::getWriterSequence).toList();
        assertEquals(List.of(1L, 1L, 2L), numbers);
        List<ByteString> writers =
                written().stream().map(CommandRecord::getWriter).toList();
        assertEquals(writers.get(0), writers.get(2));
        assertNotEquals(writers.get(0), writers.get(1));
        assertNotEquals(writers.get(0), command(second.history().getFirst()).getWriter());
    }

    @Test
    void numbersRiseInTheOrderInWhichTheProducerGetsThemFromAnyThread() throws InterruptedException {
        int each = 2_000;
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = List.of(1, 2, 3, 4).stream()
                .map(number -> Thread.ofPlatform().start(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    for (int i = 0; i < each; i++) {
                        write(i % 2);
                    }
                }))
                .toList();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        long[] last = new long[2];
        for (ProducerRecord<byte[], byte[]> record : broker.history()) {
            assertEquals(++last[record.partition()], command(record).getWriterSequence());
        }
        assertEquals(2L * each, last[0]);
    }

    @Test
    void aWriterIsNotOlderThanADay() {
        write(0);
        nanos.addAndGet(CommandTopic.WRITER_NANOS - 1);
        write(0);
        nanos.addAndGet(1);
        write(0);

        List<CommandRecord> written = written();
        assertEquals(written.get(0).getWriter(), written.get(1).getWriter());
        assertNotEquals(written.get(0).getWriter(), written.get(2).getWriter());
        assertEquals(1, written.get(2).getWriterSequence());
    }

    /** Whoever hears of a failure may hold locks, for which others wait that want to write. */
    @Test
    void whoeverHearsWhatBecameOfARecordHoldsNobodyUp() throws InterruptedException {
        broker.refusal = new RecordTooLargeException("too large");
        AtomicReference<Exception> heard = new AtomicReference<>();
        topic.write(0, new byte[16], COMMAND, LONG, (where, failure) -> {
            heard.set(failure);
            broker.refusal = null;
            Thread other = Thread.ofPlatform().start(() -> write(0));
            try {
                assertTrue(other.join(Duration.ofMinutes(1)), "the other thread cannot write");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });

        assertInstanceOf(UnsentException.class, heard.get());
        assertEquals(
                List.of(2L),
                written().stream().map(CommandRecord::getWriterSequence).toList());
    }

    @Test
    void whereNodesHaveNoKeysRecordsStayAsTheyAre() {
        try (CommandTopic plain = new CommandTopic(new TopicWriter("t", broker), CommandMacs.OFF)) {
            plain.write(0, new byte[16], COMMAND, LONG, (where, failure) -> {});
        }

        assertArrayEquals(COMMAND.toByteArray(), broker.history().getFirst().value());
    }
}
