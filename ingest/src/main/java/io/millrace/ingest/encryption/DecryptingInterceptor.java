package io.millrace.ingest.encryption;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.google.protobuf.ByteString;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.GetStateResponse;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.QueryWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.log.RefusalStatus;
import io.millrace.proto.v1.AwaitEndResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Puts plain text into the answers of gRPC, whichever role gives them. Answers of a call leave in order; one that has
 * to wait for a data key holds up those behind it, and no thread. Where a key cannot be had, the call fails with
 * UNAVAILABLE. For whoever made the answer it then looks as if the caller had gone, so work goes back. Work whose
 * payloads were erased is nobody's: the poll gets an empty answer, and the execution is cancelled.
 */
public final class DecryptingInterceptor implements ServerInterceptor {

    private final Encryption encryption;
    private final Decryption decryption;
    private final ErasedWork erasedWork;

    /** @param erasedWork hears of work that nobody can do any more */
    public DecryptingInterceptor(Encryption encryption, ErasedWork erasedWork) {
        this.encryption = encryption;
        this.decryption = new Decryption(encryption);
        this.erasedWork = erasedWork;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Caller caller = Caller.KEY.get();
        if (caller == null || !decryption.concerns(caller.orgId())) {
            return next.startCall(call, headers);
        }
        // Before anything is handed out or written.
        if (encryption.notReady().isPresent()) {
            call.close(
                    Status.UNAVAILABLE.withDescription("UNAVAILABLE: expected to know all data keys, but "
                            + encryption.notReady().orElse("they have just come to be known")),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        Decrypting<Q, A> decrypting = new Decrypting<>(call, caller.orgId());
        return new SimpleForwardingServerCallListener<>(next.startCall(decrypting, headers)) {
            @Override
            public void onComplete() {
                if (decrypting.failed) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }

    private final class Decrypting<Q, A> extends SimpleForwardingServerCall<Q, A> {

        private final UUID orgId;
        private CompletableFuture<Void> sent = CompletableFuture.completedFuture(null);
        private volatile boolean failed;

        Decrypting(ServerCall<Q, A> call, UUID orgId) {
            super(call);
            this.orgId = orgId;
        }

        @Override
        public void sendMessage(A message) {
            CompletableFuture<A> plain = plain(message);
            sent = sent.thenCompose(before -> plain).thenAccept(delegate()::sendMessage);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            sent.whenComplete((done, failure) -> {
                if (failure == null) {
                    delegate().close(status, trailers);
                } else {
                    failed = true;
                    delegate().close(status(Failures.cause(failure)), new Metadata());
                }
            });
        }

        @SuppressWarnings("unchecked") // the answer of a method has the type of that method's answers
        private CompletableFuture<A> plain(A message) {
            return (CompletableFuture<A>) decrypted(orgId, message);
        }
    }

    private static Status status(Throwable failure) {
        return switch (failure) {
            case ErasedException erased -> Status.FAILED_PRECONDITION.withDescription(erased.getMessage());
            case UnavailableException outage -> RefusalStatus.of(outage);
            default ->
                Status.INTERNAL.withDescription(
                        "unexpected failure to decrypt: " + failure.getClass().getSimpleName());
        };
    }

    private CompletableFuture<?> decrypted(UUID orgId, Object message) {
        return switch (message) {
            case PollResponse answer
            when answer.hasWorkflowExecution() ->
                work(
                        decryption
                                .whole(orgId, answer.getWorkflowExecution().getInput())
                                .thenApply(input -> {
                                    PollResponse.Builder plain = answer.toBuilder();
                                    plain.getWorkflowExecutionBuilder().setInput(input);
                                    return plain.build();
                                }),
                        PollResponse.getDefaultInstance(),
                        () -> erasedWork.workflow(orgId, answer.getWorkflowExecution()));
            case PollTaskResponse answer
            when answer.hasTask() ->
                work(
                        decryption.whole(orgId, answer.getTask().getInput()).thenApply(input -> {
                            PollTaskResponse.Builder plain = answer.toBuilder();
                            plain.getTaskBuilder().setInput(input);
                            return plain.build();
                        }),
                        PollTaskResponse.getDefaultInstance(),
                        () -> erasedWork.task(orgId, answer.getTask()));
            case GetEventsResponse answer -> events(orgId, answer);
            case QueryWorkflowResponse answer ->
                field(
                        orgId,
                        answer.getResult(),
                        result -> answer.toBuilder().setResult(result).build());
            case GetStateResponse answer ->
                field(
                        orgId,
                        answer.getValue(),
                        value -> answer.toBuilder().setValue(value).build());
            case AwaitEndResponse answer ->
                field(orgId, answer.getOutput(), output -> answer.toBuilder().setOutput(output))
                        .thenCombine(
                                text(orgId, answer.getError()),
                                (plain, error) -> plain.setError(error).build());
            default -> CompletableFuture.completedFuture(message);
        };
    }

    private <T> CompletableFuture<T> field(UUID orgId, ByteString json, Function<ByteString, T> with) {
        return decryption.whole(orgId, json).thenApply(with);
    }

    /** Envelopes of texts stand within JSON. */
    private CompletableFuture<String> text(UUID orgId, String text) {
        if (!text.contains(Envelope.MARK)) {
            return CompletableFuture.completedFuture(text);
        }
        String json =
                "{\"text\":\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"}";
        return decryption
                .whole(orgId, ByteString.copyFromUtf8(json))
                .thenApply(plain -> JsonFields.parse(plain).text("text").orElseThrow());
    }

    private static <T> CompletableFuture<T> work(CompletableFuture<T> plain, T none, Runnable erased) {
        return plain.exceptionallyCompose(failure -> {
            if (Failures.cause(failure) instanceof ErasedException) {
                erased.run();
                return CompletableFuture.completedFuture(none);
            }
            return CompletableFuture.failedFuture(failure);
        });
    }

    private CompletableFuture<GetEventsResponse> events(UUID orgId, GetEventsResponse answer) {
        List<CompletableFuture<ByteString>> data = new ArrayList<>(answer.getEventsCount());
        for (WorkflowEvent event : answer.getEventsList()) {
            data.add(decryption.whole(orgId, event.getEventData()));
        }
        return CompletableFuture.allOf(data.toArray(CompletableFuture[]::new)).thenApply(all -> {
            GetEventsResponse.Builder plain = GetEventsResponse.newBuilder();
            for (int i = 0; i < data.size(); i++) {
                plain.addEvents(
                        answer.getEvents(i).toBuilder().setEventData(data.get(i).resultNow()));
            }
            return plain.build();
        });
    }
}
