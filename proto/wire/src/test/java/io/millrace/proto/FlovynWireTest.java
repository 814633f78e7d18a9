package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The API is exactly that of the public SDKs: a number or type that differs would be read as something else, silently. */
class FlovynWireTest {

    private static final FileDescriptor FILE = WorkflowExecution.getDescriptor().getFile();

    static Stream<String> messages() throws IOException {
        try (InputStream table = FlovynWireTest.class.getResourceAsStream("/flovyn-v1.wire")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.startsWith("#")).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyFieldHasItsNumberAndType(String line) {
        String name = line.substring(0, line.indexOf(':'));
        Descriptor message = FILE.findMessageTypeByName(name);
        assertNotNull(message, name);
        assertEquals(
                Arrays.asList(line.substring(line.indexOf(':') + 2).split("; ")),
                message.getFields().stream().map(FlovynWireTest::text).toList());
    }

    private static String text(FieldDescriptor field) {
        String type = switch (field.getType()) {
            case MESSAGE -> field.isMapField() ? "map" : field.getMessageType().getName();
            case ENUM -> field.getEnumType().getName();
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
        boolean oneof = field.getRealContainingOneof() != null;
        String label = field.isRepeated() && !field.isMapField()
                ? "repeated "
                : field.hasPresence() && field.getType() != FieldDescriptor.Type.MESSAGE && !oneof ? "optional " : "";
        return label + type + " " + field.getName() + " " + field.getNumber();
    }

    @Test
    void constantsHaveTheirNumbers() {
        assertEquals(
                List.of("WORKFLOW_STATUS_UNSPECIFIED", "RUNNING", "SUSPENDED", "COMPLETED", "CANCELLED", "FAILED"),
                constants("WorkflowStatus"));
        assertEquals(
                List.of(
                        "COMMAND_TYPE_UNSPECIFIED",
                        "RECORD_OPERATION",
                        "SET_STATE",
                        "CLEAR_STATE",
                        "SCHEDULE_TASK",
                        "COMPLETE_WORKFLOW",
                        "FAIL_WORKFLOW",
                        "SUSPEND_WORKFLOW",
                        "CANCEL_WORKFLOW",
                        "CREATE_PROMISE",
                        "RESOLVE_PROMISE",
                        "SCHEDULE_CHILD_WORKFLOW",
                        "START_TIMER",
                        "CANCEL_TIMER",
                        "REQUEST_CANCEL_CHILD_WORKFLOW"),
                constants("CommandType"));
        List<String> streams = constants("StreamEventType");
        assertEquals(5, streams.size());
        for (int i = 1; i < 5; i++) {
            assertTrue(
                    streams.get(i)
                            .endsWith(List.of("TOKEN", "PROGRESS", "DATA", "ERROR")
                                    .get(i - 1)),
                    streams.get(i));
        }
    }

    private static List<String> constants(String name) {
        EnumDescriptor type = FILE.findEnumTypeByName(name);
        for (int i = 0; i < type.getValues().size(); i++) {
            assertEquals(i, type.getValues().get(i).getNumber());
        }
        return type.getValues().stream().map(value -> value.getName()).toList();
    }

    @Test
    void everyCallIsThereUnderItsName() {
        assertEquals("flovyn.v1", FILE.getPackage());
        assertMethods(
                "WorkflowDispatch",
                "PollWorkflow",
                "SubscribeToNotifications",
                "StartWorkflow",
                "StartChildWorkflow",
                "GetEvents",
                "SubmitWorkflowCommands",
                "ResolvePromise",
                "RejectPromise",
                "SignalWorkflow",
                "SignalWithStartWorkflow",
                "ReportExecutionSpans",
                "GetVisualWorkflowDefinitionById");
        assertMethods("WorkflowQuery", "QueryWorkflow");
        assertMethods(
                "TaskExecution",
                "SubmitTask",
                "PollTask",
                "CompleteTask",
                "FailTask",
                "CancelTask",
                "Heartbeat",
                "ReportProgress",
                "LogMessage",
                "StreamTaskData",
                "GetState",
                "SetState",
                "ClearState",
                "ClearAllState",
                "GetStateKeys");
        assertMethods("WorkerLifecycle", "RegisterWorker", "SendHeartbeat");
        assertTrue(FILE.findServiceByName("WorkflowDispatch")
                .findMethodByName("SubscribeToNotifications")
                .isServerStreaming());
    }

    private static void assertMethods(String service, String... names) {
        ServiceDescriptor descriptor = FILE.findServiceByName(service);
        assertNotNull(descriptor, service);
        assertEquals(
                Arrays.stream(names).collect(Collectors.toSet()),
                descriptor.getMethods().stream().map(method -> method.getName()).collect(Collectors.toSet()));
    }
}
