package io.millrace.infra.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.system.TestKeys;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.encryption.BegunErasure;
import io.millrace.ingest.encryption.Encryption;
import io.millrace.ingest.encryption.ErasedException;
import io.millrace.ingest.encryption.Erasure;
import io.millrace.ingest.encryption.ErasureTimes;
import io.millrace.ingest.encryption.Payloads;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.StartWorkflow;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Somebody who can write to the topic of data keys, and has no key of the nodes, on a real broker. Each test has a topic of its own. */
class DataKeyTopicTest {

    private static final TopicPartition PARTITION = new TopicPartition(Topics.DATA_KEYS, 0);
    private static final ByteString PLAIN = ByteString.copyFromUtf8("{\"s\":\"plain\"}");

    private static final CloseStack PARTS = new CloseStack();
    private static EmbeddedKafka kafka;
    private static Admin admin;

    @TempDir
    private Path folder;

    private KafkaProducer<byte[], byte[]> stranger;

    @BeforeAll
    static void start() {
        TempFolder data = PARTS.push("Kafka's folder", new TempFolder());
        kafka = PARTS.push("Kafka", EmbeddedKafka.start(data.path(), 0));
        admin = PARTS.push("admin", Admin.create(kafka.access().client(Map.of())));
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @BeforeEach
    void makeTopic() throws Exception {
        EncryptedOrganisation.accessFile(folder);
        Uuid made = admin.createTopics(List.of(new NewTopic(Topics.DATA_KEYS, 1, (short) 1)
                        .configs(Map.of("cleanup.policy", "compact", "message.timestamp.type", "LogAppendTime"))))
                .topicId(Topics.DATA_KEYS)
                .get();
        // The controller answers first. Until the broker knows as well, it may still take records for the topic of the
        // test before.
        Await.until("the broker to know the new topic", () -> made.equals(known()));
        stranger = new KafkaProducer<>(
                kafka.access().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @return id of the topic as the broker knows it, null while it knows none */
    private static @Nullable Uuid known() {
        try {
            return admin.describeTopics(List.of(Topics.DATA_KEYS))
                    .allTopicNames()
                    .get()
                    .get(Topics.DATA_KEYS)
                    .topicId();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw new AssertionError("expected to hear of the topic", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("expected to hear of the topic", e);
        }
    }

    @AfterEach
    void deleteTopic() throws Exception {
        stranger.close();
        admin.deleteTopics(List.of(Topics.DATA_KEYS)).all().get();
    }

    @Test
    void whatIsRemovedByNobodyWhoSaysWhyIsWrittenAnew() throws Exception {
        try (Encryption node = node("a")) {
            ByteString eves = encrypted(node, "eve");
            ByteString adas = encrypted(node, "ada");
            encrypted(node, "bob");
            UUID eve = key(node, "eve");
            UUID ada = key(node, "ada");
            ConsumerRecord<byte[], byte[]> copy = last('k', ada);
            erase(node, "ada");
            Erasure erasure = erasure(node);
            BegunErasure bobs = erasure.begin(
                            Access.DEV_ORG, erasure.ofSubject(Access.DEV_ORG, "bob"), Optional.empty())
                    .join();

            long removed = write(recordKey('k', eve), null);
            awaitRewritten('k', eve, removed);
            awaitRewritten('e', ada, write(recordKey('e', ada), null));
            awaitRewritten('p', bobs.id(), write(recordKey('p', bobs.id()), null));
            assertEquals(PLAIN, read(node, eves));
            compactedUpTo(removed);
            write(copy.key(), copy.value());
            try (Encryption restarted = node("b")) {
                assertEquals(PLAIN, read(restarted, eves));
                assertErased(restarted, adas);
                assertEquals(
                        List.of(bobs.id()),
                        erasure(restarted).begunBefore(Duration.ZERO).stream()
                                .map(BegunErasure::id)
                                .toList());
                Await.until("the copy to be removed", () -> last('k', ada).value() == null);
            }
        }
    }

    @Test
    void whatTakesThePlaceOfAnEntryAndIsNoneIsRemovedAsWell() throws Exception {
        try (Encryption node = node("a")) {
            ByteString eves = encrypted(node, "eve");
            encrypted(node, "bob");
            UUID eve = key(node, "eve");
            ConsumerRecord<byte[], byte[]> bobs = last('k', key(node, "bob"));

            for (byte[] value : List.of(new byte[] {1, 2, 3}, new byte[0], bobs.value())) {
                awaitRewritten('k', eve, write(recordKey('k', eve), value));
            }
            assertEquals(PLAIN, read(node, eves));
        }
    }

    @Test
    void whatWasErasedStaysSoWhenTheKeyOfTheMacsIsChanged() throws Exception {
        staysErased(macs("old"), macs("new"));
    }

    @Test
    void whatWasErasedStaysSoWhenMacsAreSwitchedOn() throws Exception {
        staysErased(CommandMacs.OFF, macs("new"));
    }

    private void staysErased(CommandMacs before, CommandMacs after) throws Exception {
        ByteString adas;
        UUID ada;
        UUID made = UUID.randomUUID();
        try (Encryption node = node("a", before)) {
            adas = encrypted(node, "ada");
            ada = key(node, "ada");
            encrypted(node, start(made, ""), UUID.randomUUID());
            erase(node, "ada");
            Await.until("the key to be forgotten", () -> last('k', made).value() == null);
        }
        try (Encryption node = node("b", after);
                Encryption other = node("c", after)) {
            assertErased(node, adas);
            assertErased(other, adas);
            encrypted(node, "eve");
            UUID eve = key(node, "eve");
            // What they write anew besides stands in front of it.
            awaitRewritten('k', eve, write(recordKey('k', eve), null));
            assertNull(last('k', ada).value());
            assertNull(last('k', made).value());
        }
    }

    @Test
    void whatIsSealedByAKeyOfTheMacsThatIsToBeTakenOutIsSealedAnew() throws Exception {
        ByteString eves;
        ByteString adas;
        UUID eve;
        UUID ada;
        try (Encryption node = node("a", macs("old"))) {
            eves = encrypted(node, "eve");
            adas = encrypted(node, "ada");
            eve = key(node, "eve");
            ada = key(node, "ada");
            erase(node, "ada");
        }
        long end = write(new byte[] {'b'}, new byte[0]);
        try (Encryption node = node("b", macs("new", "old"))) {
            assertEquals(PLAIN, read(node, eves));
            Await.until("the key to be sealed anew", () -> last('k', eve).offset() > end);
            Await.until("the erasure to be sealed anew", () -> last('e', ada).offset() > end);
        }
        try (Encryption node = node("c", macs("new"))) {
            awaitRewritten('k', eve, write(recordKey('k', eve), null));
            awaitRewritten('e', ada, write(recordKey('e', ada), null));
            assertEquals(PLAIN, read(node, eves));
            assertErased(node, adas);
        }
    }

    @Test
    void aKeyIsForgottenAlsoIfThatFailsAtFirst() throws Exception {
        try (Encryption node = node("a")) {
            encrypted(node, "eve");
            erasure(node).upToDate().join();
            UUID made = UUID.randomUUID();
            CommandLog found = answering(UUID.randomUUID(), new AtomicReference<>());
            CommandLog full = (CommandLog) Proxy.newProxyInstance(
                    DataKeyTopicTest.class.getClassLoader(),
                    new Class<?>[] {CommandLog.class},
                    (proxy, method, args) -> {
                        mostBytes("1");
                        return method.invoke(found, args);
                    });
            new Payloads(node, reads()).encrypting(full).ask(0, start(made, "")).join();
            Erasure erasure = erasure(node);
            // It stands behind what forgets the key in this node's writer, so that has failed, too.
            assertThrows(
                    CompletionException.class,
                    () -> erasure.begin(Access.DEV_ORG, erasure.ofSubject(Access.DEV_ORG, "eve"), Optional.empty())
                            .join());
            assertNotNull(last('k', made).value());

            mostBytes(String.valueOf(Topics.MAX_MESSAGE_BYTES));

            Await.until("the key to go", () -> last('k', made).value() == null);
        }
    }

    @Test
    void nodesRemoveWhatIsDoneWith() throws Exception {
        try (Encryption node = node("a");
                Encryption other = node("b")) {
            UUID found = UUID.randomUUID();
            UUID made = UUID.randomUUID();
            encrypted(node, "ada");
            UUID ada = key(node, "ada");
            encrypted(node, start(made, ""), found);
            BegunErasure ended = erase(node, "ada");

            Await.until(
                    "the key of a start that found another to go",
                    () -> last('k', made).value() == null);
            Await.until("the erased key to go", () -> last('k', ada).value() == null);
            Await.until("the erasure to end", () -> last('p', ended.id()).value() == null);
            Await.until(
                    "the other node to hear of it",
                    () -> erasure(other).begunBefore(Duration.ZERO).isEmpty());
            long end = write(new byte[] {'b'}, new byte[0]);
            erasure(node).upToDate().join();
            erasure(other).upToDate().join();
            encrypted(other, "eve");
            assertNull(last('k', made).value(), "nobody writes it anew");
            assertTrue(last('k', key(other, "eve")).offset() > end);
        }
    }

    @Test
    void aKeyThatWasWrittenBehindItsErasureIsRemovedAlsoIfThatFailsAtFirst() throws Exception {
        UUID ada;
        ConsumerRecord<byte[], byte[]> copy;
        try (Encryption node = node("a")) {
            encrypted(node, "ada");
            ada = key(node, "ada");
            copy = last('k', ada);
            erase(node, "ada");
            encrypted(node, "eve");
        }
        write(copy.key(), copy.value());
        mostBytes("1");
        try (Encryption node = node("b")) {
            Erasure erasure = erasure(node);
            // It stands behind the removal in this node's writer, so that has failed, too.
            assertThrows(
                    CompletionException.class,
                    () -> erasure.begin(Access.DEV_ORG, erasure.ofSubject(Access.DEV_ORG, "eve"), Optional.empty())
                            .join());
            assertNotNull(last('k', ada).value());

            mostBytes(String.valueOf(Topics.MAX_MESSAGE_BYTES));

            Await.until("the copy to go", () -> last('k', ada).value() == null);
        }
    }

    @Test
    void anotherOrganisationLearnsNothingOfAnExecution() throws Exception {
        try (Encryption node = node("a")) {
            UUID id = UUID.randomUUID();
            Payloads payloads = new Payloads(node, reads());
            CommandLog log = payloads.encrypting(answering(id, new AtomicReference<>()));
            log.ask(0, start(id, "ada")).join();
            CommandRecord.Builder foreign = CommandRecord.newBuilder()
                    .setOrgId(Ids.toByteString(EncryptedOrganisation.OTHER_ORG))
                    .setSignalWorkflow(SignalWorkflow.newBuilder()
                            .setExecutionId(Ids.toByteString(id))
                            .setSignalValue(PLAIN));

            assertUnknown(log, foreign);
            erase(node, "ada");
            assertUnknown(log, foreign);
        }
    }

    @Test
    void whereNothingIsEncryptedAnyMoreWhatLooksSoIsRefusedAndAllElseIsTaken() throws Exception {
        ByteString copy;
        try (Encryption node = node("a")) {
            copy = encrypted(node, "ada");
        }
        EncryptedOrganisation.accessFile(
                folder, TestKeys.line(EncryptedOrganisation.KEY, EncryptedOrganisation.SEED), false);
        try (Encryption node = node("a")) {
            Payloads payloads = new Payloads(node, reads());
            CommandLog log = payloads.encrypting(answering(UUID.randomUUID(), new AtomicReference<>()));

            assertEquals(PLAIN, read(node, copy));
            assertRefused(
                    RefusalReason.INVALID_ARGUMENT,
                    () -> log.ask(0, signal(copy)).join());
            assertRefused(
                    RefusalReason.INVALID_ARGUMENT,
                    () -> log.tell(0, signal(copy)).join());
            assertThrows(
                    RefusedException.class,
                    () -> payloads.streamed(Access.DEV_ORG, UUID.randomUUID(), copy.toStringUtf8()));
            log.ask(0, signal(PLAIN)).join();
            assertEquals(
                    PLAIN.toStringUtf8(),
                    payloads.streamed(Access.DEV_ORG, UUID.randomUUID(), PLAIN.toStringUtf8())
                            .join());
        }
    }

    @Test
    void anErasureLeavesTheKeysOfOthersOfWhichSomethingWasCopiedIntoItsHistory() throws Exception {
        try (Encryption node = node("a")) {
            UUID id = UUID.randomUUID();
            UUID other = UUID.randomUUID();
            UUID never = UUID.randomUUID();
            ByteString own = encrypted(node, start(id, ""), id);
            // As if the node had died before it could give the key to the execution that the signal found
            List<ByteString> history = List.of(
                    own,
                    encrypted(node, start(other, ""), other),
                    encrypted(node, start(never, ""), never),
                    encrypted(node, "ada"));
            Erasure erasure = erasure(node);
            erasure.upToDate().join();

            assertEquals(Set.of(other, never), erasure.othersIn(Access.DEV_ORG, id, history));
            assertEquals(
                    Set.of(id, never),
                    erasure.ofExecution(Access.DEV_ORG, id, own, history, Set.of(never))
                            .keyIds());
        }
    }

    private static CommandRecord.Builder signal(ByteString value) {
        return CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(Access.DEV_ORG))
                .setSignalWorkflow(SignalWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(UUID.randomUUID()))
                        .setSignalValue(value));
    }

    private static void assertUnknown(CommandLog log, CommandRecord.Builder command) {
        assertRefused(RefusalReason.NOT_FOUND, () -> log.ask(0, command.clone()).join());
    }

    private static void assertRefused(RefusalReason reason, Executable call) {
        Throwable cause = assertThrows(CompletionException.class, call).getCause();
        assertEquals(reason, assertInstanceOf(RefusedException.class, cause).reason());
    }

    /** Nothing stands anywhere. */
    private static Reads reads() {
        return (Reads) Proxy.newProxyInstance(
                DataKeyTopicTest.class.getClassLoader(),
                new Class<?>[] {Reads.class},
                (proxy, method, args) -> CompletableFuture.completedFuture(Optional.empty()));
    }

    /** @return the keys of that names, of which the first one seals */
    private static CommandMacs macs(String... names) {
        return new CommandMacs(
                MacMode.REQUIRE,
                new MacKeys(Arrays.stream(names)
                        .map(name -> new MacKey(
                                name, Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), MacKey.LEAST_BYTES)))
                        .toList()));
    }

    private Encryption node(String name) throws InterruptedException {
        return node(name, new CommandMacs(MacMode.REQUIRE, MacKeys.read(TestKeys.in(folder))));
    }

    private Encryption node(String name, CommandMacs macs) throws InterruptedException {
        Encryption encryption = Encryption.start(
                AccessFile.read(folder.resolve("access.toml")),
                new ClientSettings(
                        kafka.access().bootstrapServers(), kafka.access().client(Map.of())),
                macs,
                name,
                Duration.ofSeconds(10),
                new ErasureTimes(Duration.ofMinutes(30)));
        assertTrue(encryption.awaitReady(Await.LIMIT));
        return encryption;
    }

    private static CommandRecord.Builder start(UUID id, String subject) {
        return CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(Access.DEV_ORG))
                .setStartWorkflow(StartWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setInput(PLAIN)
                        .putAllMetadata(subject.isEmpty() ? Map.of() : Map.of("dataSubject", subject)));
    }

    private static ByteString encrypted(Encryption node, String subject) {
        UUID id = UUID.randomUUID();
        return encrypted(node, start(id, subject), id);
    }

    /** @return the input of the start, as it comes to the log, which answers that this is the execution */
    private static ByteString encrypted(Encryption node, CommandRecord.Builder start, UUID answered) {
        AtomicReference<ByteString> input = new AtomicReference<>();
        new Payloads(node, reads())
                .encrypting(answering(answered, input))
                .ask(0, start)
                .join();
        return input.get();
    }

    /** @return a log that answers each start with that execution */
    private static CommandLog answering(UUID answered, AtomicReference<ByteString> input) {
        return (CommandLog) Proxy.newProxyInstance(
                DataKeyTopicTest.class.getClassLoader(), new Class<?>[] {CommandLog.class}, (proxy, method, args) -> {
                    input.set(
                            ((CommandRecord.Builder) args[1]).getStartWorkflow().getInput());
                    return CompletableFuture.completedFuture(ReplyRecord.newBuilder()
                            .setWorkflowStarted(
                                    ReplyRecord.WorkflowStarted.newBuilder().setExecutionId(Ids.toByteString(answered)))
                            .build());
                });
    }

    private static Erasure erasure(Encryption node) {
        return new Payloads(node, reads()).erasure();
    }

    private static UUID key(Encryption node, String subject) {
        Erasure erasure = erasure(node);
        erasure.upToDate().join();
        return erasure.ofSubject(Access.DEV_ORG, subject).keyIds().iterator().next();
    }

    private static BegunErasure erase(Encryption node, String subject) {
        Erasure erasure = erasure(node);
        erasure.upToDate().join();
        BegunErasure begun = erasure.begin(Access.DEV_ORG, erasure.ofSubject(Access.DEV_ORG, subject), Optional.empty())
                .join();
        erasure.carryOut(begun).join();
        erasure.end(begun).join();
        return begun;
    }

    private static ByteString read(Encryption node, ByteString encrypted) {
        return new Payloads(node, reads())
                .decryption()
                .whole(Access.DEV_ORG, encrypted)
                .join();
    }

    private static void assertErased(Encryption node, ByteString encrypted) {
        assertInstanceOf(
                ErasedException.class,
                assertThrows(CompletionException.class, () -> read(node, encrypted))
                        .getCause());
    }

    private static byte[] recordKey(char kind, UUID id) {
        return ByteBuffer.allocate(17).put((byte) kind).put(Ids.toBytes(id)).array();
    }

    private long write(byte[] key, byte[] value) throws Exception {
        return stranger.send(new ProducerRecord<>(Topics.DATA_KEYS, 0, key, value))
                .get()
                .offset();
    }

    private List<ConsumerRecord<byte[], byte[]>> all() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                kafka.access().client(Map.of()), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    /** @return what stands under the key */
    private ConsumerRecord<byte[], byte[]> last(char kind, UUID id) {
        return all().stream()
                .filter(record -> Arrays.equals(record.key(), recordKey(kind, id)))
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    /** @param behind what the stranger wrote */
    private void awaitRewritten(char kind, UUID id, long behind) {
        Await.until("the record '" + kind + "' to be written anew", () -> {
            ConsumerRecord<byte[], byte[]> record = last(kind, id);
            return record.offset() > behind && record.value() != null;
        });
    }

    /** What compaction would do with all that stands in front of it, and has been removed or written anew since. */
    private void compactedUpTo(long offset) throws Exception {
        configure("cleanup.policy", "compact,delete");
        admin.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
        configure("cleanup.policy", "compact");
    }

    private void mostBytes(String value) throws Exception {
        configure("max.message.bytes", value);
    }

    private void configure(String name, String value) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Topics.DATA_KEYS);
        admin.incrementalAlterConfigs(Map.of(
                        topic, List.of(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }
}
