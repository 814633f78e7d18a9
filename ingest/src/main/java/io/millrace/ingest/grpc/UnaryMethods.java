package io.millrace.ingest.grpc;

import com.google.protobuf.Empty;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.proto.Failures;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Collects the methods of a service that this module serves. A method answers when its operation's future completes, on
 * whatever thread that is; no thread ever waits.
 */
final class UnaryMethods {

    private final ServerServiceDefinition.Builder service;
    private final RefusalLog refusals;

    /**
     * @param serviceName full name of the service; others may serve more of its methods
     * @param refusals where refusals are noted
     */
    UnaryMethods(String serviceName, RefusalLog refusals) {
        this.service = ServerServiceDefinition.builder(serviceName);
        this.refusals = refusals;
    }

    /** Serves the method by the operation. */
    <Q, A> UnaryMethods add(MethodDescriptor<Q, A> method, BiFunction<Request, Q, CompletableFuture<A>> operation) {
        String name = method.getFullMethodName();
        service.addMethod(method, ServerCalls.asyncUnaryCall((Q asked, StreamObserver<A> out) -> {
            // With a handler set, answering a call that was given up is not an error.
            ((ServerCallStreamObserver<A>) out).setOnCancelHandler(() -> {});
            serve(name, out, request -> operation.apply(request, asked), () -> false);
        }));
        return this;
    }

    /** An operation that may be long in answering. */
    interface Waiting<Q, A> {

        /** @param gone completes when the caller has given the call up, or lost its patience */
        CompletableFuture<A> begin(Request request, Q asked, CompletableFuture<Void> gone);
    }

    /** Serves the method by an operation that is told when nobody waits for its answer any more. */
    <Q, A> UnaryMethods addWaiting(MethodDescriptor<Q, A> method, Waiting<Q, A> operation) {
        String name = method.getFullMethodName();
        service.addMethod(method, ServerCalls.asyncUnaryCall((Q asked, StreamObserver<A> out) -> {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            ((ServerCallStreamObserver<A>) out).setOnCancelHandler(() -> gone.complete(null));
            serve(name, out, request -> operation.begin(request, asked, gone), gone::isDone);
        }));
        return this;
    }

    /** @param gone whether nobody hears an answer any more */
    private <A> void serve(
            String name,
            StreamObserver<A> out,
            Function<Request, CompletableFuture<A>> operation,
            BooleanSupplier gone) {
        Request request = Request.ofCurrentCall(name);
        refusals.watch(request, () -> operation.apply(request)).whenComplete((answer, error) -> {
            if (error == null) {
                out.onNext(answer);
                out.onCompleted();
            } else if (!(gone.getAsBoolean() && Failures.cause(error) instanceof CancellationException)) {
                out.onError(GrpcErrors.answer(error, request));
            }
        });
    }

    /** Serves a method that has nothing to say by the operation. */
    <Q> UnaryMethods addEmpty(
            MethodDescriptor<Q, Empty> method, BiFunction<Request, Q, CompletableFuture<Void>> operation) {
        return add(
                method,
                (request, asked) -> operation.apply(request, asked).thenApply(nothing -> Empty.getDefaultInstance()));
    }

    /** @return the methods that were added */
    ServerServiceDefinition definition() {
        return service.build();
    }
}
