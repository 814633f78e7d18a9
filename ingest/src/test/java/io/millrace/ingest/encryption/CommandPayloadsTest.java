package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.SubmittedCommand;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which fields of the commands of callers are encrypted: a new one stands in plain text until it is thought of here. */
class CommandPayloadsTest {

    private static final String SECRET = "\"what nobody may read\"";

    /** Fields that are payloads, wherever they stand in these commands. */
    private static final Set<String> PAYLOADS =
            Set.of("input", "output", "result", "value", "signal_value", "error", "stack_trace", "message", "details");

    private static final Set<String> COMMANDS = Set.of(
            "start_workflow",
            "signal_with_start",
            "signal_workflow",
            "resolve_promise",
            "reject_promise",
            "submit_task",
            "complete_task",
            "fail_task",
            "report_task_progress",
            "log_task_message",
            "change_task_state");

    private final DataKey key = DataKey.random(UUID.randomUUID(), UUID.randomUUID());
    private final UUID execution = UUID.randomUUID();

    @TestFactory
    Stream<DynamicTest> everyPayloadOfACommandIsEncryptedAndNothingElse() {
        return COMMANDS.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    CommandRecord.Builder command = CommandRecord.newBuilder();
                    FieldDescriptor body = CommandRecord.getDescriptor().findFieldByName(name);
                    Message.Builder filled = command.newBuilderForField(body);
                    fill(filled);
                    command.setField(body, filled.build());

                    encrypt(command);

                    assertEquals(payloads(body.getMessageType()), encrypted((Message) command.getField(body)));
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyPayloadOfAWorkersCommandIsEncrypted() {
        return SubmittedCommand.getDescriptor().getOneofs().get(0).getFields().stream()
                .map(body -> DynamicTest.dynamicTest(body.getName(), () -> {
                    SubmittedCommand.Builder step = SubmittedCommand.newBuilder();
                    Message.Builder filled = step.newBuilderForField(body);
                    fill(filled);
                    step.setField(body, filled.build());
                    CommandRecord.Builder command = CommandRecord.newBuilder();
                    command.getSubmitCommandsBuilder().addCommands(step);

                    encrypt(command);

                    Set<String> expected = payloads(body.getMessageType());
                    if (body.getMessageType().findFieldByName("reason") != null) {
                        expected.add("reason"); // what a worker says in its own words
                    }
                    Message after =
                            (Message) command.getSubmitCommands().getCommands(0).getField(body);
                    assertEquals(expected, encrypted(after));
                }));
    }

    @Test
    void anEmptyInputIsEncryptedTooSinceItTellsTheKey() {
        CommandRecord.Builder command = CommandRecord.newBuilder();
        command.getStartWorkflowBuilder();

        encrypt(command);

        ByteString input = command.getStartWorkflow().getInput();
        assertEquals(Set.of(key.id()), Decryption.keysIn(input));
    }

    @Test
    void whatATaskStreamsOutIsATextInJson() {
        String streamed = CommandPayloads.streamed(key, execution, SECRET);

        assertTrue(streamed.startsWith("\"" + Envelope.MARK) && streamed.endsWith("\""), streamed);
        assertFalse(streamed.contains("nobody"));
    }

    private void encrypt(CommandRecord.Builder command) {
        CommandPayloads.encrypt(key, execution, command, (Carried.Payload) Carried.of(command));
    }

    private static void fill(Message.Builder message) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated()) {
                continue;
            }
            if (field.getJavaType() == JavaType.MESSAGE) {
                Message.Builder inner = message.newBuilderForField(field);
                fill(inner);
                message.setField(field, inner.build());
            } else if (field.getJavaType() == JavaType.STRING) {
                message.setField(field, SECRET);
            } else if (field.getJavaType() == JavaType.BYTE_STRING) {
                message.setField(field, ByteString.copyFromUtf8(SECRET));
            }
        }
    }

    private static Set<String> payloads(Descriptor type) {
        Set<String> names = new TreeSet<>();
        for (FieldDescriptor field : type.getFields()) {
            if (field.getJavaType() == JavaType.MESSAGE && !field.isRepeated()) {
                names.addAll(payloads(field.getMessageType()));
            } else if (PAYLOADS.contains(field.getName())) {
                names.add(field.getName());
            }
        }
        return names;
    }

    private static Set<String> encrypted(Message message) {
        Set<String> names = new TreeSet<>();
        message.getAllFields().forEach((field, value) -> {
            if (value instanceof Message inner) {
                names.addAll(encrypted(inner));
            } else if (!field.isRepeated() && text(value).contains(Envelope.MARK)) {
                assertFalse(text(value).contains("nobody"), field.getFullName());
                names.add(field.getName());
            }
        });
        return names;
    }

    private static String text(Object value) {
        return value instanceof ByteString bytes ? bytes.toString(StandardCharsets.UTF_8) : String.valueOf(value);
    }
}
