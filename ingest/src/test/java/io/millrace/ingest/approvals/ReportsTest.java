package io.millrace.ingest.approvals;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who has to be approved to end what runs does not end it by a report of what became of it. */
class ReportsTest {

    private static final String ID = new UUID(5, 5).toString();

    private static OpenDoor door(Set<ApprovalAction> required) throws Exception {
        ApprovalSettings approvals = new ApprovalSettings(required, Duration.ofHours(1), CommandMacs.OFF);
        return OpenDoor.open(
                AccessFile.parse(OpenDoor.TOML), new AuditSettings(false, false, TrustedProxies.NONE, approvals));
    }

    private static Executable cancelled(OpenDoor door, String key) {
        return () -> OpenDoor.with(WorkflowDispatchGrpc.newBlockingStub(door.channel()), key)
                .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(ID)
                        .setStatus(WorkflowStatus.CANCELLED)
                        .build());
    }

    private static List<Executable> ofTasks(OpenDoor door, String key) {
        var tasks = OpenDoor.with(TaskExecutionGrpc.newBlockingStub(door.channel()), key);
        return List.of(
                () -> tasks.completeTask(
                        CompleteTaskRequest.newBuilder().setTaskExecutionId(ID).build()),
                () -> tasks.failTask(
                        FailTaskRequest.newBuilder().setTaskExecutionId(ID).build()));
    }

    private static void assertRefused(OpenDoor door, Executable report) {
        StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, report);
        assertEquals(Status.Code.PERMISSION_DENIED, refused.getStatus().getCode());
        assertTrue(
                refused.getMessage().contains("expected the key of a worker to report what became of work"),
                refused.getMessage());
        assertTrue(door.log.entries().stream()
                .noneMatch(entry -> entry.command().hasSubmitCommands()
                        || entry.command().hasCompleteTask()
                        || entry.command().hasFailTask()));
    }

    @Test
    void noUserReportsWhereEndingWorkNeedsAnApproval() throws Exception {
        for (ApprovalAction action : List.of(ApprovalAction.CANCEL, ApprovalAction.TERMINATE)) {
            try (OpenDoor door = door(Set.of(action))) {
                assertRefused(door, cancelled(door, OpenDoor.USER_KEY));
                ofTasks(door, OpenDoor.USER_KEY).forEach(report -> assertRefused(door, report));
            }
        }
    }

    @Test
    void workersReportAsEverAndUsersDoWhereNothingNeedsAnApproval() throws Exception {
        try (OpenDoor door = door(Set.of(ApprovalAction.CANCEL))) {
            assertDoesNotThrow(cancelled(door, OpenDoor.WORKER_KEY));
            assertTrue(door.log.onlyCommand().hasSubmitCommands());
        }
        try (OpenDoor door = door(Set.of(ApprovalAction.ERASE))) {
            assertDoesNotThrow(cancelled(door, OpenDoor.USER_KEY));
            assertTrue(door.log.onlyCommand().hasSubmitCommands());
        }
    }
}
