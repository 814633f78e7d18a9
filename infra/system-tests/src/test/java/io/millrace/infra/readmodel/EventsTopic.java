package io.millrace.infra.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes outcomes as a dispatcher does, in transactions, each with its command and the right hashes. For one thread. */
final class EventsTopic implements AutoCloseable {

    /** Partitions that all tests share. */
    static final int SHARED = 3;

    /** One more, whose records are deleted by the test that uses it. */
    static final int LOSSY = 3;

    static final int PARTITIONS = 4;

    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaProducer<byte[], byte[]> commands;
    private final Map<Integer, LogChain> chains = new HashMap<>();
    private long timeMs = 1_700_000_000_000L;

    EventsTopic(KafkaAccess kafka) {
        producer = new KafkaProducer<>(
                kafka.client(Map.of("transactional.id", "test-" + UUID.randomUUID())),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        commands = new KafkaProducer<>(kafka.client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @return the record of an outcome that goes on where the partition stands; it has to be committed next */
    byte[] sealed(int partition, OutcomeRecord outcome) {
        return ask(partition, outcome).get();
    }

    private Supplier<byte[]> ask(int partition, OutcomeRecord outcome) {
        return ask(
                partition,
                outcome.toBuilder().setCommand("fire_due"),
                CommandRecord.newBuilder().setFireDue(FireDue.getDefaultInstance()));
    }

    /**
     * Writes the command of an outcome.
     *
     * @return makes the record of the outcome, once the command has its offset
     */
    private Supplier<byte[]> ask(int partition, OutcomeRecord.Builder outcome, CommandRecord.Builder asked) {
        CommandRecord command = asked.setCommandId(outcome.getCommandId())
                .setOrgId(outcome.getOrgId())
                .setPrincipal(outcome.getPrincipal())
                .build();
        Future<RecordMetadata> place =
                commands.send(new ProducerRecord<>(Topics.COMMANDS, partition, null, command.toByteArray()));
        return () -> {
            try {
                long offset = place.get(120, TimeUnit.SECONDS).offset();
                return chains.computeIfAbsent(partition, key -> new LogChain())
                        .seal(outcome.setCommandOffset(offset))
                        .toByteArray();
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
        };
    }

    /**
     * Writes a note, which changes nothing, in a transaction that is committed.
     *
     * @param task that it is about, or null
     * @param by who writes it
     */
    void note(int partition, UUID org, UUID execution, UUID task, String by, RecordNote.Builder note) {
        OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
                .setCommandId(Ids.toByteString(UUID.randomUUID()))
                .setCommand("record_note")
                .setOrgId(Ids.toByteString(org))
                .setPrincipal(
                        Principal.newBuilder().setType(Principal.Type.USER).setId(by))
                .setTimeMs(++timeMs);
        note.setExecutionId(Ids.toByteString(execution));
        if (task != null) {
            note.setTaskId(Ids.toByteString(task));
        }
        commit(
                partition,
                List.of(ask(
                                partition,
                                outcome,
                                CommandRecord.newBuilder()
                                        .setReason("because " + by + " says so")
                                        .setRecordNote(note))
                        .get()));
    }

    /** Writes them in one transaction that is committed. */
    void commit(int partition, List<byte[]> values) {
        producer.beginTransaction();
        values.forEach(value -> producer.send(new ProducerRecord<>(Topics.EVENTS, partition, null, value)));
        producer.commitTransaction();
    }

    /** Writes them in one transaction that is committed; each can be read. */
    void commit(int partition, OutcomeRecord... outcomes) {
        // All are asked for before the first is waited for, which spares thousands of them seconds.
        List<Supplier<byte[]>> asked =
                Stream.of(outcomes).map(outcome -> ask(partition, outcome)).toList();
        commit(partition, asked.stream().map(Supplier::get).toList());
    }

    /** Writes them in one transaction that is aborted, so nobody may see them. */
    void abort(int partition, OutcomeRecord... outcomes) {
        producer.beginTransaction();
        for (OutcomeRecord outcome : outcomes) {
            producer.send(new ProducerRecord<>(Topics.EVENTS, partition, null, outcome.toByteArray()));
        }
        producer.flush();
        producer.abortTransaction();
    }

    /** An outcome with these events, all about one execution, in the order of its history. */
    OutcomeRecord outcome(EventRecord.Builder... events) {
        OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
                .setCommandId(Ids.toByteString(UUID.randomUUID()))
                .setTimeMs(++timeMs);
        for (EventRecord.Builder event : events) {
            outcome.addEvents(event.setTimeMs(timeMs));
        }
        return outcome.build();
    }

    OutcomeRecord refusal(String text) {
        return OutcomeRecord.newBuilder()
                .setCommand("start_workflow")
                .setTimeMs(++timeMs)
                .setRefusal(
                        Refusal.newBuilder().setReason(RefusalReason.NOT_FOUND).setText(text))
                .build();
    }

    static EventRecord.Builder event(
            UUID org, UUID execution, int sequence, String type, ExecutionStatus status, String data) {
        return EventRecord.newBuilder()
                .setSubject(Subject.WORKFLOW_EXECUTION)
                .setOrgId(Ids.toByteString(org))
                .setExecutionId(Ids.toByteString(execution))
                .setHistorySequence(sequence)
                .setChainSequence(sequence)
                .setType(type)
                .setStatus(status)
                .setData(ByteString.copyFromUtf8(data))
                .setHash(ByteString.copyFrom(new byte[32])); // the right one when it is sealed
    }

    static EventRecord.Builder started(UUID org, UUID execution, String kind, String queue, String metadata) {
        return event(
                org,
                execution,
                1,
                "WORKFLOW_STARTED",
                ExecutionStatus.PENDING,
                "{\"kind\":\"" + kind + "\",\"queue\":\"" + queue
                        + "\",\"input\":{\"n\":1},\"prioritySeconds\":0,\"metadata\":" + metadata + "}");
    }

    static EventRecord.Builder completed(UUID org, UUID execution) {
        return event(org, execution, 2, "WORKFLOW_COMPLETED", ExecutionStatus.COMPLETED, "{\"output\":{\"n\":2}}");
    }

    /** A task of the execution. */
    static EventRecord.Builder task(
            UUID org, UUID execution, UUID task, String type, ExecutionStatus status, String data) {
        return event(org, execution, 0, type, status, data).setTaskId(Ids.toByteString(task));
    }

    static EventRecord.Builder scheduled(UUID org, UUID execution, UUID task, String kind) {
        return task(
                org,
                execution,
                task,
                "TASK_SCHEDULED",
                ExecutionStatus.PENDING,
                "{\"kind\":\"" + kind + "\",\"queue\":\"q\",\"input\":1,\"maxRetries\":3}");
    }

    @Override
    public void close() {
        commands.close();
        producer.close();
    }
}
