package io.millrace.infra.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.testing.Await;
import io.millrace.proto.Topics;
import io.millrace.proto.log.KafkaCommandLog;
import io.millrace.proto.log.KafkaCommandLogConfig;
import io.millrace.proto.log.ReplyRouter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads commands knows who waits for which answer. An answer that no node gave tells that caller nothing. */
class ForgedAnswerTest {

    private static final CommandMacs MACS =
            new CommandMacs(MacMode.REQUIRE, new MacKeys(List.of(new MacKey("k1", new byte[MacKey.LEAST_BYTES]))));

    @TempDir
    private Path folder;

    @Test
    void anAnswerThatNoNodeGaveIsPassedOver() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            createTopics(kafka);
            KafkaCommandLogConfig config = KafkaCommandLogConfig.defaults(
                            kafka.access().clients(), "here")
                    .withAnswerTimeout(Duration.ofMinutes(2))
                    .withMacs(MACS);
            try (KafkaCommandLog log = new KafkaCommandLog(config);
                    ReplyRouter nodes = router(kafka, MACS);
                    ReplyRouter others = router(kafka, CommandMacs.OFF)) {
                CompletableFuture<ReplyRecord> answer = log.askPartition(
                        0, CommandRecord.newBuilder().setCancelWorkflow(CancelWorkflow.getDefaultInstance()));
                CommandRecord asked = onlyCommand(kafka);
                ReplyRecord.Builder reply = ReplyRecord.newBuilder()
                        .setNode(asked.getReplyNode())
                        .setReplySequence(asked.getReplySequence())
                        .setCommandId(asked.getCommandId());

                others.deliver(reply.clone()
                        .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true))
                        .build());
                Await.until("the forged answer to be noticed", () -> log.foreignAnswers() == 1);
                assertFalse(answer.isDone());

                ReplyRecord refused = reply.setRefusal(Refusal.newBuilder().setReason(RefusalReason.NOT_FOUND))
                        .build();
                nodes.deliver(refused);
                assertEquals(refused, answer.get(120, TimeUnit.SECONDS));
            }
        }
    }

    private static ReplyRouter router(EmbeddedKafka kafka, CommandMacs macs) {
        return new ReplyRouter(kafka.access().clients(), "elsewhere", macs, null);
    }

    private static void createTopics(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.access().client(Map.of()))) {
            admin.createTopics(List.of(
                            new NewTopic(Topics.COMMANDS, 1, (short) 1), new NewTopic(Topics.REPLIES, 1, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    private static CommandRecord onlyCommand(EmbeddedKafka kafka) throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.access().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition commands = new TopicPartition(Topics.COMMANDS, 0);
            consumer.assign(List.of(commands));
            consumer.seekToBeginning(List.of(commands));
            List<byte[]> read = new ArrayList<>();
            Await.until("the command", () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(record.value()));
                return !read.isEmpty();
            });
            assertEquals(1, read.size());
            return CommandRecord.parseFrom(read.getFirst());
        }
    }
}
