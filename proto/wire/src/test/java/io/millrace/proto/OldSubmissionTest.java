package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.TextFormat;
import com.google.protobuf.UnknownFieldSet;
import io.millrace.proto.v1.SubmitCommands;
import io.millrace.proto.v1.SubmittedCommand;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Logs live for ever: a submission from when the messages of the API stood in the log themselves reads the same. */
class OldSubmissionTest {

    /** Recorded then: each command once, and one of no kind. */
    private static final String RECORDED = String.join(
            "",
            "ChAwMTIzNDU2Nzg5YWJjZGVmEgwIARAHUgYKAW8SATESDAgCEAhaBgoBaxIBMhIHCANiAwoBaxIcCARqGAoBdBIBMxoCaWQgACgE",
            "MgFxOAVCAWlIBhIHCAVyAwoBNxINCAZ6CQoBZRIBcxoBZhIICAeCAQMKAXISCAgIigEDCgFyEg8ICZIBCgoBcBAIGgFpIAkSDAgK",
            "mgEHCgFwEgIxMBIbCAuiARYKAWMSAXcaAWQiAmlkKgIxMTIBcTgMEgoIDKoBBQoBdBANEggIDbIBAwoBdBIPCA66AQoKAWMSAmlk",
            "GgFyEgAYAygFMGRA4NQD");

    private static final String TEXT = """
            execution_id: "0123456789abcdef"
            commands { sequence_number: 7 record_operation { operation_name: "o" result: "1" } }
            commands { sequence_number: 8 set_state { key: "k" value: "2" } }
            commands { clear_state { key: "k" } }
            commands { schedule_task {
              kind: "t" input: "3" task_execution_id: "id" max_retries: 0 timeout_ms: 4 queue: "q"
              priority_seconds: 5 idempotency_key: "i" idempotency_key_ttl_seconds: 6 } }
            commands { complete_workflow { output: "7" } }
            commands { fail_workflow { error: "e" stack_trace: "s" failure_type: "f" } }
            commands { suspend_workflow { reason: "r" } }
            commands { cancel_workflow { reason: "r" } }
            commands { create_promise {
              promise_id: "p" timeout_ms: 8 idempotency_key: "i" idempotency_key_ttl_seconds: 9 } }
            commands { resolve_promise { promise_id: "p" value: "10" } }
            commands { schedule_child_workflow {
              child_execution_name: "c" workflow_kind: "w" workflow_definition_id: "d"
              child_workflow_execution_id: "id" input: "11" queue: "q" priority_seconds: 12 } }
            commands { start_timer { timer_id: "t" duration_ms: 13 } }
            commands { cancel_timer { timer_id: "t" } }
            commands { request_cancel_child_workflow {
              child_execution_name: "c" child_workflow_execution_id: "id" reason: "r" } }
            commands { }
            status: COMPLETED
            max_stale_rounds: 5
            stale_retry_delay_ms: 100
            retention_ms: 60000
            """;

    @Test
    void readsTheSame() throws Exception {
        SubmitCommands read = SubmitCommands.parseFrom(Base64.getDecoder().decode(RECORDED));

        assertEquals(TextFormat.parse(TEXT, SubmitCommands.class), withoutTypes(read));
    }

    /** All that is not known any more is the type, which stood beside what it is the type of. */
    private static SubmitCommands withoutTypes(SubmitCommands read) {
        SubmitCommands.Builder known = read.toBuilder();
        for (SubmittedCommand.Builder command : known.getCommandsBuilderList()) {
            boolean typed = command.getBodyCase() != SubmittedCommand.BodyCase.BODY_NOT_SET;
            assertEquals(
                    typed ? Set.of(1) : Set.of(),
                    command.getUnknownFields().asMap().keySet());
            command.setUnknownFields(UnknownFieldSet.getDefaultInstance());
        }
        return known.build();
    }
}
