package io.millrace.ingest.audit.trail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Writes the audit trail as JSON Lines, each line a CloudEvent 1.0 as docs/audit/trail-event.schema.json describes it,
 * straight from the log: no server and no database is asked. The partitions come one after the other, each in its
 * order. Outcomes that do not fit the log before them are written with what is wrong. One thread.
 */
public final class TrailExport implements AutoCloseable {

    /** Type of the events that stand for outcomes that fit the log. */
    public static final String OUTCOME = "io.millrace.audit.outcome.v1";

    /** Type of the events that stand for records that do not. */
    public static final String BROKEN = "io.millrace.audit.broken.v1";

    private static final Duration POLL = Duration.ofMillis(200);
    private static final int BATCH = 2_000;
    /** Executions and tasks whose queues and kinds are kept in memory, those that were asked for last. */
    private static final int KNOWN = 500_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final CommandReader commands;
    private final LogCheck check;
    private final RecordSeals seals;
    private final JsonFactory json = new JsonFactory();
    private int partitionCount;
    private final Map<Work.Key, Work> known = new LinkedHashMap<>(1_024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Work.Key, Work> eldest) {
            return size() > KNOWN;
        }
    };

    /**
     * What is wanted.
     *
     * @param fromMs decided at this time or later, milliseconds since the epoch; null: from the beginning
     * @param toMs decided before this time; null: to the end
     * @param orgId of this organisation only; null: of all, and what concerns the server alone
     */
    public record Wanted(
            @Nullable Long fromMs,
            @Nullable Long toMs,
            @Nullable UUID orgId) {

        boolean holds(TrailEntry entry) {
            return holds(entry.decidedMs()) && (orgId == null || orgId.equals(entry.orgId()));
        }

        boolean holds(long timeMs) {
            return (fromMs == null || timeMs >= fromMs) && (toMs == null || timeMs < toMs);
        }
    }

    /**
     * What came of it.
     *
     * @param positions by partition, the offset of millrace.events at which the next export goes on
     * @param lines events written
     * @param broken those of them that stand for records which do not fit the log, or tell that some are missing
     * @param lost of each partition that does not hold all that was to be exported, what is missing
     */
    public record Result(Map<Integer, Long> positions, long lines, long broken, List<String> lost) {}

    /**
     * Connects when it first reads.
     *
     * @param macs tells the keys of the seals of outcomes; {@link CommandMacs#OFF} if there are none, and no seal is looked at
     */
    public TrailExport(ClientSettings kafka, CommandMacs macs) {
        check = new LogCheck(false, macs.mode());
        seals = new RecordSeals(RecordSeals.Kind.OUTCOME, macs);
        consumer = CommittedReader.open(
                kafka,
                Map.of(
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        BATCH,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"));
        commands = new CommandReader(kafka);
    }

    /**
     * Exports what the log holds now.
     *
     * @param from by partition, the offset to begin at; partitions that are not named begin at their beginning
     * @throws IOException if the lines cannot be written, or an offset is of a partition that there is not
     * @throws org.apache.kafka.common.KafkaException if Kafka fails
     */
    public Result run(Map<Integer, Long> from, Wanted wanted, OutputStream out) throws IOException {
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.EVENTS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        partitionCount = partitions.size();
        expectKnown(from.keySet(), partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<Integer, Long> positions = new TreeMap<>();
        List<String> allLost = new ArrayList<>();
        long lines = 0;
        long broken = 0;
        for (TopicPartition partition : partitions) {
            long wantedBegin = from.getOrDefault(partition.partition(), 0L);
            long begin = Math.max(wantedBegin, PartitionOffsets.of(partition, begins));
            long end = PartitionOffsets.of(partition, ends);
            String lost = lost(partition, wantedBegin, begin, end);
            if (lost != null) {
                allLost.add(lost);
            }
            check.begin(partition.partition(), begin == 0 ? Anchor.BEGINNING : null);
            consumer.assign(List.of(partition));
            consumer.seek(partition, begin);
            while (consumer.position(partition) < end) {
                List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
                consumer.poll(POLL).forEach(record -> {
                    if (record.offset() < end) {
                        records.add(record);
                    }
                });
                if (lost != null && !records.isEmpty()) {
                    line(out, missing(records.getFirst(), lost));
                    lost = null;
                    lines++;
                    broken++;
                }
                Written written = write(partition.partition(), records, wanted, out);
                check.forget();
                lines += written.lines;
                broken += written.broken;
            }
            positions.put(partition.partition(), Math.max(begin, Math.min(consumer.position(partition), end)));
        }
        out.flush();
        return new Result(positions, lines, broken, List.copyOf(allLost));
    }

    /** Where another log was exported to is not where this one goes on. */
    private static void expectKnown(Set<Integer> named, List<TopicPartition> partitions) throws IOException {
        Set<Integer> unknown = new TreeSet<>(named);
        partitions.forEach(partition -> unknown.remove(partition.partition()));
        if (!unknown.isEmpty()) {
            throw new IOException("expected positions in the " + partitions.size() + " partitions of " + Topics.EVENTS
                    + ", but there are some in " + unknown + ": they are of another log");
        }
    }

    /** @return what the partition should hold and does not; null: nothing */
    private static @Nullable String lost(TopicPartition partition, long wanted, long begin, long end) {
        String expected = "expected " + partition
                + (wanted == 0
                        ? " from its beginning"
                        : " to hold offset " + wanted + ", where the export before ended");
        if (begin > wanted) {
            return expected + ", but it begins at offset " + begin + ": what was before is deleted";
        }
        return wanted > end ? expected + ", but it ends at offset " + end + ": its end was cut off" : null;
    }

    private record Written(long lines, long broken) {}

    private Written write(int partition, List<ConsumerRecord<byte[], byte[]>> records, Wanted wanted, OutputStream out)
            throws IOException {
        Map<Long, Asked> asked = asked(partition, records);
        long lines = 0;
        long broken = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            OutcomeRecord outcome = read(record.value());
            Asked command = outcome == null ? null : asked.get(outcome.getCommandOffset());
            String wrong = wrong(record, outcome, command);
            if (outcome == null || wrong != null) {
                // Whose it is cannot be known, so every export has it.
                if (wanted.holds(record.timestamp())) {
                    line(out, broken(record, String.valueOf(wrong)));
                    lines++;
                    broken++;
                }
                continue;
            }
            learn(outcome);
            for (TrailEntry entry : TrailEntry.of(partition, record.offset(), outcome, known(command))) {
                if (wanted.holds(entry)) {
                    line(out, event(withWork(entry)));
                    lines++;
                }
            }
        }
        return new Written(lines, broken);
    }

    private void learn(OutcomeRecord outcome) {
        for (EventRecord event : outcome.getEventsList()) {
            Work.begun(event).ifPresent(key -> known.put(key, Work.of(event)));
        }
    }

    private TrailEntry withWork(TrailEntry entry) {
        return entry.lacksWorkOf(partitionCount).stream()
                .map(known::get)
                .filter(Objects::nonNull)
                .findFirst()
                .map(entry::with)
                .orElse(entry);
    }

    private Map<Long, Asked> asked(int partition, List<ConsumerRecord<byte[], byte[]>> records) {
        Anchor anchor = check.anchor(partition);
        OutcomeRecord first = records.isEmpty() ? null : read(records.getFirst().value());
        if (records.isEmpty()) {
            return Map.of();
        }
        long next;
        if (anchor != null) {
            next = anchor.nextCommand();
        } else if (first != null) {
            next = Math.max(0, first.getCommandOffset());
        } else {
            return Map.of();
        }
        return commands.read(Map.of(partition, new CommandReader.Range(next, next + records.size() - 1)))
                .getOrDefault(partition, Map.of());
    }

    private static Asked known(@Nullable Asked command) {
        return command == null ? Asked.NOTHING : command;
    }

    private @Nullable String wrong(
            ConsumerRecord<byte[], byte[]> record, @Nullable OutcomeRecord outcome, @Nullable Asked command) {
        if (outcome == null) {
            return "expected an outcome, but the record cannot be read";
        }
        MacVerdict seal =
                seals.check(RecordSeals.place(record.partition()), record.value(), SealHeader.in(record.headers()));
        Break found = check.check(record.partition(), outcome, command, seal);
        return found == null ? null : found.kind() + ": " + found.text();
    }

    private static @Nullable OutcomeRecord read(byte[] value) {
        try {
            return value == null ? null : OutcomeRecord.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    @FunctionalInterface
    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private void line(OutputStream out, Content content) throws IOException {
        try (JsonGenerator line = json.createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            line.writeStartObject();
            line.writeStringField("specversion", "1.0");
            content.write(line);
            line.writeEndObject();
        }
        out.write('\n');
    }

    private static Content event(TrailEntry entry) {
        return line -> {
            envelope(line, TrailJson.id(entry) + suffix(entry), OUTCOME, entry.partition(), entry.decidedMs());
            line.writeStringField("subject", entry.command());
            line.writeObjectFieldStart("data");
            TrailJson.fields(line, entry);
            line.writeEndObject();
        };
    }

    /** Of what the server asked in its own name there is an entry for each organisation: no two events may have one id. */
    private static String suffix(TrailEntry entry) {
        return entry.orgId().equals(TrailEntry.NOBODY) ? "" : "-" + entry.orgId();
    }

    private static Content broken(ConsumerRecord<byte[], byte[]> record, String wrong) {
        return broken(record, "", wrong);
    }

    /** @param first the record behind what is missing */
    private static Content missing(ConsumerRecord<byte[], byte[]> first, String lost) {
        return broken(first, "-before", "LOST: " + lost);
    }

    private static Content broken(ConsumerRecord<byte[], byte[]> record, String suffix, String wrong) {
        return line -> {
            String id = record.partition() + "-" + record.offset() + suffix;
            envelope(line, id, BROKEN, record.partition(), record.timestamp());
            line.writeObjectFieldStart("data");
            line.writeStringField("id", id);
            line.writeNumberField("partition", record.partition());
            line.writeNumberField("eventOffset", record.offset());
            line.writeStringField("text", wrong);
            line.writeEndObject();
        };
    }

    private static void envelope(JsonGenerator line, String id, String type, int partition, long timeMs)
            throws IOException {
        line.writeStringField("id", id);
        line.writeStringField("source", "kafka:" + Topics.EVENTS + "/" + partition);
        line.writeStringField("type", type);
        line.writeStringField("time", Instant.ofEpochMilli(timeMs).toString());
        line.writeStringField("datacontenttype", "application/json");
    }

    @Override
    public void close() {
        consumer.close();
        commands.close();
    }
}
