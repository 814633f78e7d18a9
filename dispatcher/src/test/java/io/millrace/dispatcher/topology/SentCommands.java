package io.millrace.dispatcher.topology;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.v1.CommandRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Where a dispatcher's own commands go in tests: to be awaited, acknowledged or refused. */
final class SentCommands extends MockProducer<byte[], byte[]> {

    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<ProducerRecord<byte[], byte[]>> sent = new LinkedBlockingQueue<>();
    private final Deque<CommandRecord> tenures = new ArrayDeque<>();

    SentCommands() {
        super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> sending, Callback callback) {
        CommandRecord command = parsed(sending);
        if (command.hasBeginTenure() || command.hasEndTenure()) {
            tenures.add(command);
            callback.onCompletion(null, null);
            return CompletableFuture.completedFuture(null);
        }
        Future<RecordMetadata> result = super.send(sending, callback);
        sent.add(sending);
        return result;
    }

    /** @return the next record that was sent and not yet taken, awaited if there is none */
    ProducerRecord<byte[], byte[]> take() throws InterruptedException {
        ProducerRecord<byte[], byte[]> next = sent.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("expected a command within " + PATIENCE_SECONDS + " s, but none was sent");
        }
        return next;
    }

    /**
     * @return the next command, not yet taken, with which a tenure begins or ends. Such commands are acknowledged at
     *     once, and carry the time of tests
     */
    synchronized CommandRecord takeTenure() {
        return tenures.remove().toBuilder().setTimeMs(TestCommands.NOW_MS).build();
    }

    private static CommandRecord parsed(ProducerRecord<byte[], byte[]> sending) {
        try {
            return command(sending);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("expected a command, but it cannot be decoded", e);
        }
    }

    static CommandRecord command(ProducerRecord<byte[], byte[]> sent) throws InvalidProtocolBufferException {
        return CommandRecord.parseFrom(sent.value());
    }
}
