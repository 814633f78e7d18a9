package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.StartWorkflowRequest;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.HistoryView;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuthInterceptorTest {

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void noKeyNoService() {
        var stub = WorkflowDispatchGrpc.newBlockingStub(door.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);

        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class, () -> stub.startWorkflow(StartWorkflowRequest.getDefaultInstance()));

        assertEquals(Status.Code.UNAUTHENTICATED, error.getStatus().getCode());
        assertTrue(door.log.entries().isEmpty());
    }

    @Test
    void noWrongKeyEither() {
        var stub = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), "sk-alpha-user-guess");

        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class, () -> stub.startWorkflow(StartWorkflowRequest.getDefaultInstance()));

        assertEquals(Status.Code.UNAUTHENTICATED, error.getStatus().getCode());
        assertFalse(error.getMessage().contains("guess"), error.getMessage());
        assertTrue(door.log.entries().isEmpty());
    }

    @Test
    void twoKeysOpenNothing() {
        var stub = OpenDoor.with(
                OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY),
                OpenDoor.BETA_KEY);

        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class, () -> stub.startWorkflow(StartWorkflowRequest.getDefaultInstance()));

        assertEquals(Status.Code.UNAUTHENTICATED, error.getStatus().getCode());
        assertTrue(error.getMessage().contains("several"), error.getMessage());
        assertTrue(door.log.entries().isEmpty());
    }

    @Test
    void aKeyOpensItsOwnOrganisationOnly() {
        var stub = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.BETA_KEY);

        StatusRuntimeException error = assertThrows(
                StatusRuntimeException.class,
                () -> stub.startWorkflow(StartWorkflowRequest.newBuilder()
                        .setOrgId(OpenDoor.ALPHA.toString())
                        .setWorkflowKind("echo")
                        .build()));

        assertEquals(Status.Code.PERMISSION_DENIED, error.getStatus().getCode());
        CommandRecord refusal = door.log.refusals().get(0);
        assertEquals("bob", refusal.getPrincipal().getId());
        assertEquals("PERMISSION_DENIED", refusal.getRecordRefusal().getReason());
        assertEquals(
                "flovyn.v1.WorkflowDispatch/StartWorkflow",
                refusal.getRecordRefusal().getMethod());
        assertTrue(refusal.getOrigin().startsWith("node-1 127.0.0.1:"), refusal.getOrigin());
    }

    @Test
    void anothersWorkflowIsNotFound() {
        UUID id = UUID.randomUUID();
        door.reads.histories.put(new MemoryReads.Key(OpenDoor.ALPHA, id), HistoryView.getDefaultInstance());
        GetEventsRequest request = GetEventsRequest.newBuilder()
                .setWorkflowExecutionId(id.toString())
                .build();
        var own = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY);
        var anothers = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.BETA_KEY);

        own.getEvents(request);
        StatusRuntimeException error = assertThrows(StatusRuntimeException.class, () -> anothers.getEvents(request));

        assertEquals(Status.Code.NOT_FOUND, error.getStatus().getCode());
    }

    @Test
    void membersDoNotDoTheWorkOfWorkers() {
        WorkerRegistrationRequest request = WorkerRegistrationRequest.newBuilder()
                .setOrgId(OpenDoor.ALPHA.toString())
                .setWorkerName("w")
                .build();
        var member = OpenDoor.with(WorkerLifecycleGrpc.newBlockingStub(door.channel()), OpenDoor.MEMBER_KEY);
        var admin = OpenDoor.with(WorkerLifecycleGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY);

        StatusRuntimeException error = assertThrows(StatusRuntimeException.class, () -> member.registerWorker(request));

        assertEquals(Status.Code.PERMISSION_DENIED, error.getStatus().getCode());
        assertEquals("mia", door.log.refusals().get(0).getPrincipal().getId());
        assertTrue(admin.registerWorker(request).getSuccess());
    }

    @Test
    void healthIsOpenToAll() {
        HealthCheckResponse health = HealthGrpc.newBlockingStub(door.channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance());

        assertEquals(HealthCheckResponse.ServingStatus.SERVING, health.getStatus());
    }

    @Test
    void noKeyEverReachesTheLog() {
        var stub = OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), OpenDoor.USER_KEY);

        assertThrows(StatusRuntimeException.class, () -> stub.startWorkflow(StartWorkflowRequest.getDefaultInstance()));

        assertEquals(1, door.log.refusals().size());
        assertFalse(door.log.refusals().get(0).toString().contains("secret"));
    }
}
