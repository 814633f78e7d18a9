package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.RawBytes;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.v1.CommandRecord;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no message at all, on every method that this module serves. */
class MalformedMessagesTest {

    private static final List<MethodDescriptor<?, ?>> METHODS = Stream.of(
                    WorkflowDispatchGrpc.getServiceDescriptor(),
                    WorkflowQueryGrpc.getServiceDescriptor(),
                    TaskExecutionGrpc.getServiceDescriptor(),
                    WorkerLifecycleGrpc.getServiceDescriptor())
            .flatMap(service -> service.getMethods().stream())
            .collect(Collectors.toUnmodifiableList());

    /** A varint without an end; a length beyond the end; a text that is no UTF-8, twice; an end of a group; a bad tag. */
    @ParameterizedTest
    @ValueSource(strings = {"ffffffffffffffffffff", "0aff01", "0a02c0af", "0a03eda080", "0c", "00"})
    void areRefusedAsSuchAndStandInTheLog(String hex) throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            Set<String> served = served(door);
            int asked = 0;
            for (MethodDescriptor<?, ?> method : METHODS) {
                if (served.contains(method.getFullMethodName())) {
                    StatusRuntimeException error = assertThrows(
                            StatusRuntimeException.class,
                            () -> call(door, method, HexFormat.of().parseHex(hex)));

                    assertEquals(Status.Code.INVALID_ARGUMENT, error.getStatus().getCode(), method.toString());
                    assertTrue(
                            error.getMessage().contains("expected a message of " + method.getFullMethodName()),
                            error.getMessage());
                    asked++;
                }
            }

            assertEquals(
                    asked,
                    door.log.entries().stream()
                            .filter(entry -> entry.command().getBodyCase() == CommandRecord.BodyCase.RECORD_REFUSAL)
                            .count());
            assertTrue(asked > 20, "asked " + asked);
        }
    }

    @Test
    void noMessageIsRefusedLikeAMalformedOneAndOfTwoNothingIsDone() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            for (int messages : new int[] {0, 2}) {
                CompletableFuture<Status> closed = new CompletableFuture<>();
                ClientCall<byte[], byte[]> call = channel(door)
                        .newCall(
                                RawBytes.method(WorkflowDispatchGrpc.getStartWorkflowMethod()).toBuilder()
                                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                                        .build(),
                                CallOptions.DEFAULT);
                call.start(
                        new ClientCall.Listener<>() {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                closed.complete(status);
                            }
                        },
                        new Metadata());
                for (int i = 0; i < messages; i++) {
                    call.sendMessage(new byte[0]);
                }
                call.halfClose();
                call.request(1);

                Status status = closed.get(20, TimeUnit.SECONDS);
                // More than one is cut off by the transport itself.
                assertEquals(
                        messages == 0 ? Status.Code.INVALID_ARGUMENT : Status.Code.CANCELLED,
                        status.getCode(),
                        status.toString());
            }
            assertEquals(1, door.log.entries().size());
            assertEquals(
                    "expected one message of flovyn.v1.WorkflowDispatch/StartWorkflow, but got none",
                    door.log.refusals().getFirst().getRecordRefusal().getText());
        }
    }

    private static Set<String> served(OpenDoor door) {
        return door.services().stream()
                .flatMap(service -> service.getMethods().stream())
                .map(ServerMethodDefinition::getMethodDescriptor)
                .map(MethodDescriptor::getFullMethodName)
                .collect(Collectors.toSet());
    }

    private static void call(OpenDoor door, MethodDescriptor<?, ?> method, byte[] bytes) {
        ClientCalls.blockingUnaryCall(
                channel(door),
                RawBytes.method(method),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                bytes);
    }

    private static Channel channel(OpenDoor door) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + OpenDoor.USER_KEY);
        return ClientInterceptors.intercept(door.channel(), MetadataUtils.newAttachHeadersInterceptor(headers));
    }
}
