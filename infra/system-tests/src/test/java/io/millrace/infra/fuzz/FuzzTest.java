package io.millrace.infra.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.Descriptor;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ClientCalls;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.contract.ApiDocument.Operation;
import io.millrace.proto.flovyn.v1.SubmitTaskRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Requests of every operation and every RPC, made of their descriptions, with values that make sense and values that do
 * not. None may be answered as if the server were at fault. Each answer is as described. What the description does not
 * allow is refused. The seed of a failure stands in its text; it is kept below once the failure is mended. To look for
 * more: {@code -Dfuzz.seconds=600}.
 */
class FuzzTest {

    /** Seeds that once found something. */
    private static final long[] KEPT = {20_261_184};

    private static final long FIRST_SEED = 20_261_129;

    /** The same are tried on every machine, however fast it is. */
    private static final int SEEDS = 12;

    /** A property: seconds to go on for with new seeds. */
    private static final String EXPLORE = "fuzz.seconds";

    /** The server is at fault. */
    private static final Set<Status.Code> FAULTS =
            Set.of(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS);

    private static final List<ServiceDescriptor> SERVICES = List.of(
            WorkflowDispatchGrpc.getServiceDescriptor(),
            WorkflowQueryGrpc.getServiceDescriptor(),
            TaskExecutionGrpc.getServiceDescriptor(),
            WorkerLifecycleGrpc.getServiceDescriptor(),
            ExecutionResultsGrpc.getServiceDescriptor(),
            WorkflowRunsGrpc.getServiceDescriptor());

    /** These wait for work, or for an end. */
    private static final Set<String> WAITING =
            Set.of("PollWorkflow", "PollTask", "SubscribeToNotifications", "AwaitEnd");

    private static TestServer server;
    private static TestClient worker;
    private static List<String> ids;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        server = TestServer.start(Map.of(), false);
        worker = server.worker();
        ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(worker.start("name-1", "name-1"));
            ids.add(worker.tasks()
                    .submitTask(SubmitTaskRequest.newBuilder()
                            .setOrgId(Access.DEV_ORG.toString())
                            .setKind("name-1")
                            .setQueue("name-1")
                            .build())
                    .getTaskExecutionId());
        }
    }

    @AfterAll
    static void stop() {
        worker.close();
        server.close();
    }

    @Test
    void noRequestOverHttpFindsAFaultOfTheServerOrGoesAgainstItsDescription() throws Exception {
        forEachSeed(this::requested);
    }

    private void requested(long seed) throws IOException, InterruptedException {
        for (Operation operation : ApiDocument.operations()) {
            requested(operation, seed);
        }
    }

    private void requested(Operation operation, long seed) throws IOException, InterruptedException {
        // A stream of something that is open would not end.
        List<String> known = operation.path().endsWith("/stream") ? List.of(new UUID(seed, 1).toString()) : ids;
        HttpCase made = HttpCase.of(
                operation, "dev", known, new Random(seed ^ operation.toString().hashCode()));
        HttpRequest.Builder request = HttpRequest.newBuilder(server.http(made.target()))
                .header("Authorization", "Bearer " + Access.DEV_USER_KEY);
        if (made.body() == null || made.body().isEmpty()) {
            request.method(made.method(), HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(made.method(), HttpRequest.BodyPublishers.ofString(made.body()));
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());

        String what = "seed " + seed + ": " + shown(made) + " -> " + answer.statusCode() + " " + shown(answer.body());
        ApiDocument.check(answer);
        assertNotEquals(500, answer.statusCode(), what);
        if (made.right()) {
            assertFalse(made.told() && Set.of(400, 415).contains(answer.statusCode()), what);
        } else {
            assertTrue(answer.statusCode() >= 400 && answer.statusCode() < 500, what);
        }
    }

    @Test
    void noMessageFindsAFaultOfTheServer() throws Exception {
        forEachSeed(FuzzTest::called);
    }

    private interface Attempt {
        void with(long seed) throws IOException, InterruptedException;
    }

    private static void forEachSeed(Attempt attempt) throws IOException, InterruptedException {
        for (long seed : KEPT) {
            attempt.with(seed);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong(EXPLORE, 0));
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS || System.nanoTime() < end; seed++) {
            attempt.with(seed);
        }
    }

    private static void called(long seed) {
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                String name = method.getBareMethodName();
                Descriptor type = ((ProtoMethodDescriptorSupplier) method.getSchemaDescriptor())
                        .getMethodDescriptor()
                        .getInputType();
                Random random = new Random(seed ^ name.hashCode());
                byte[] bytes = new Messages(random, Access.DEV_ORG.toString(), ids).bytes(type);
                Status.Code code = call(method, bytes, WAITING.contains(name) ? 20 : 20_000);

                assertFalse(FAULTS.contains(code), "seed " + seed + ": " + name + " -> " + code);
            }
        }
    }

    private static Status.Code call(MethodDescriptor<?, ?> method, byte[] bytes, long longestMs) {
        Channel channel = worker.channel();
        CallOptions options = CallOptions.DEFAULT
                .withCallCredentials(worker.key())
                .withDeadlineAfter(longestMs, TimeUnit.MILLISECONDS);
        try {
            ClientCalls.blockingServerStreamingCall(
                            channel,
                            method.toBuilder(new RawBytes(), new RawBytes())
                                    .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                                    .build(),
                            options,
                            bytes)
                    .forEachRemaining(answer -> {});
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static String shown(Object text) {
        String whole = String.valueOf(text);
        return whole.length() <= 2_000 ? whole : whole.substring(0, 2_000) + "…";
    }

    private static final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream bytes) {
            try {
                return bytes.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
