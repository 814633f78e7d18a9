package io.millrace.infra.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Empty;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.millrace.infra.config.GrpcSettings;
import io.millrace.infra.door.DoorSettings;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GrpcServerTest {

    private static final GrpcSettings SETTINGS =
            new GrpcSettings("127.0.0.1", 0, 1 << 20, 16 << 10, Duration.ofSeconds(5), DoorSettings.defaults());

    @Test
    void methodsOfTwoRolesMakeOneServiceAndTheRestIsUnimplemented() {
        try (GrpcServer server = started(List.of(polls(), promises()), Optional.empty())) {
            withChannel(server, channel -> {
                WorkflowDispatchGrpc.WorkflowDispatchBlockingStub stub = WorkflowDispatchGrpc.newBlockingStub(channel);

                assertEquals(PollResponse.getDefaultInstance(), stub.pollWorkflow(PollRequest.getDefaultInstance()));
                assertEquals(
                        Empty.getDefaultInstance(), stub.resolvePromise(ResolvePromiseRequest.getDefaultInstance()));
                StatusRuntimeException refusal = assertThrows(
                        StatusRuntimeException.class, () -> stub.getEvents(GetEventsRequest.getDefaultInstance()));
                assertEquals(Status.Code.UNIMPLEMENTED, refusal.getStatus().getCode());
            });
        }
    }

    @Test
    void twoRolesThatServeOneMethodAreAWiringFault() {
        assertThrows(
                IllegalStateException.class,
                () -> new GrpcServer(SETTINGS, List.of(polls(), polls()), List.of(), Optional.empty()));
    }

    @Test
    void reflectionShowsEveryMethodOfTheApi() throws Exception {
        try (GrpcServer server = started(List.of(polls()), Optional.empty())) {
            ManagedChannel channel = channel(server);
            try {
                CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
                StreamObserver<ServerReflectionRequest> ask = ServerReflectionGrpc.newStub(channel)
                        .serverReflectionInfo(new StreamObserver<>() {
                            @Override
                            public void onNext(ServerReflectionResponse response) {
                                answer.complete(response);
                            }

                            @Override
                            public void onError(Throwable failure) {
                                answer.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {}
                        });
                ask.onNext(ServerReflectionRequest.newBuilder()
                        .setFileContainingSymbol(WorkflowDispatchGrpc.SERVICE_NAME)
                        .build());

                FileDescriptorProto file = FileDescriptorProto.parseFrom(answer.get(120, TimeUnit.SECONDS)
                        .getFileDescriptorResponse()
                        .getFileDescriptorProto(0));
                ask.onCompleted();
                FileDescriptor generated =
                        io.millrace.proto.flovyn.v1.PollRequest.getDescriptor().getFile();
                assertEquals(
                        generated
                                .findServiceByName("WorkflowDispatch")
                                .getMethods()
                                .size(),
                        file.getServiceList().stream()
                                .filter(service -> service.getName().equals("WorkflowDispatch"))
                                .findFirst()
                                .orElseThrow()
                                .getMethodCount());
            } finally {
                stop(channel);
            }
        }
    }

    @Test
    void healthIsToldForTheNodeAndForEachPart() {
        try (GrpcServer server = started(List.of(polls()), Optional.empty())) {
            withChannel(server, channel -> {
                ServingStatus atFirst = health(channel, "");
                server.report("notifier", true);
                server.report("dispatcher", false);
                server.report("", true);

                assertEquals(ServingStatus.NOT_SERVING, atFirst);
                assertEquals(ServingStatus.SERVING, health(channel, ""));
                assertEquals(ServingStatus.SERVING, health(channel, "notifier"));
                assertEquals(ServingStatus.NOT_SERVING, health(channel, "dispatcher"));
            });
        }
    }

    @Test
    void whoIsNotLetInIsToldSoForMethodsThatNobodyServesToo() {
        ServerInterceptor nobody = new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                call.close(Status.UNAUTHENTICATED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
        try (GrpcServer server = started(List.of(polls()), Optional.of(nobody))) {
            withChannel(server, channel -> {
                WorkflowDispatchGrpc.WorkflowDispatchBlockingStub stub = WorkflowDispatchGrpc.newBlockingStub(channel);

                StatusRuntimeException refusal = assertThrows(
                        StatusRuntimeException.class, () -> stub.getEvents(GetEventsRequest.getDefaultInstance()));
                assertEquals(Status.Code.UNAUTHENTICATED, refusal.getStatus().getCode());
            });
        }
    }

    @Test
    void aPortInUseIsAnErrorThatNamesIt() {
        try (GrpcServer server = started(List.of(), Optional.empty())) {
            GrpcServer second =
                    new GrpcServer(SETTINGS.at("127.0.0.1", server.port()), List.of(), List.of(), Optional.empty());

            StartException refusal = assertThrows(StartException.class, second::start);

            assertTrue(refusal.getMessage().contains("127.0.0.1:" + server.port()), refusal.getMessage());
        }
    }

    private static GrpcServer started(List<ServerServiceDefinition> parts, Optional<ServerInterceptor> auth) {
        GrpcServer server = new GrpcServer(SETTINGS, parts, auth.stream().toList(), Optional.empty());
        server.start();
        return server;
    }

    private static ServerServiceDefinition polls() {
        return ServerServiceDefinition.builder(WorkflowDispatchGrpc.SERVICE_NAME)
                .addMethod(
                        WorkflowDispatchGrpc.getPollWorkflowMethod(),
                        ServerCalls.asyncUnaryCall((PollRequest request, StreamObserver<PollResponse> out) -> {
                            out.onNext(PollResponse.getDefaultInstance());
                            out.onCompleted();
                        }))
                .build();
    }

    private static ServerServiceDefinition promises() {
        return ServerServiceDefinition.builder(WorkflowDispatchGrpc.SERVICE_NAME)
                .addMethod(
                        WorkflowDispatchGrpc.getResolvePromiseMethod(),
                        ServerCalls.asyncUnaryCall((ResolvePromiseRequest request, StreamObserver<Empty> out) -> {
                            out.onNext(Empty.getDefaultInstance());
                            out.onCompleted();
                        }))
                .build();
    }

    private static ServingStatus health(ManagedChannel channel, String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private static void withChannel(GrpcServer server, java.util.function.Consumer<ManagedChannel> use) {
        ManagedChannel channel = channel(server);
        try {
            use.accept(channel);
        } finally {
            stop(channel);
        }
    }

    private static ManagedChannel channel(GrpcServer server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    private static void stop(ManagedChannel channel) {
        channel.shutdownNow();
    }
}
