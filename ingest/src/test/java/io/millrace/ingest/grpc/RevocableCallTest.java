package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RevocableCallTest {

    private final List<String> sent = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();

    private final ServerCall<PollRequest, PollResponse> transport = new ServerCall<>() {
        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {
            sent.add("headers");
        }

        @Override
        public void sendMessage(PollResponse message) {
            sent.add("message");
        }

        @Override
        public void close(Status status, Metadata trailers) {
            sent.add(status.getCode().name());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<PollRequest, PollResponse> getMethodDescriptor() {
            return WorkflowDispatchGrpc.getPollWorkflowMethod();
        }
    };

    private final RevocableCall<PollRequest, PollResponse> call = new RevocableCall<>(transport);
    private final ServerCall.Listener<PollRequest> listener = call.listener(
            new ServerCall.Listener<>() {
                @Override
                public void onCancel() {
                    heard.add("cancel");
                }

                @Override
                public void onComplete() {
                    heard.add("complete");
                }
            },
            () -> heard.add("closed"));

    @Test
    void workThatComesAfterTheEndIsNotSentAndItsHandlerHearsThatTheCallIsGivenUp() {
        call.revoke("revoked");
        assertTrue(call.isCancelled());
        call.sendHeaders(new Metadata());
        call.sendMessage(PollResponse.getDefaultInstance());
        call.close(Status.OK, new Metadata());
        listener.onComplete();

        assertEquals(List.of("UNAUTHENTICATED"), sent);
        assertEquals(List.of("closed", "cancel"), heard);
    }

    @Test
    void anAnswerThatCameBeforeStays() {
        call.sendMessage(PollResponse.getDefaultInstance());
        call.close(Status.OK, new Metadata());
        call.revoke("revoked");
        assertFalse(call.isCancelled());
        listener.onComplete();

        assertEquals(List.of("message", "OK"), sent);
        assertEquals(List.of("closed", "complete"), heard);
    }
}
