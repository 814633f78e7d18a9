package io.millrace.proto.call;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers INVALID_ARGUMENT to a request that is not a message of the method's type, and to a call that lacks its
 * message. gRPC itself would say UNKNOWN or INTERNAL, as if the server were at fault, and log a stack trace. So anybody
 * could fill the log. Runs on the transport's thread and does not block.
 */
public final class StrictCalls {

    private final Optional<RefusedRequests> refused;

    private StrictCalls(Optional<RefusedRequests> refused) {
        this.refused = refused;
    }

    /**
     * @param refused where refusals of known callers are noted
     * @return the service, strict
     */
    public static ServerServiceDefinition of(ServerServiceDefinition service, RefusedRequests refused) {
        return new StrictCalls(Optional.of(refused)).strict(service);
    }

    /** @return the service, strict; for a service that strangers may call */
    public static ServerServiceDefinition ofOpen(ServerServiceDefinition service) {
        return new StrictCalls(Optional.empty()).strict(service);
    }

    private ServerServiceDefinition strict(ServerServiceDefinition service) {
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            methods.add(strict(method));
        }
        return ofMethods(service.getServiceDescriptor(), methods);
    }

    /**
     * @return a service with the descriptor's name and schema and with these methods, whichever messages they are bound
     *     to
     */
    public static ServerServiceDefinition ofMethods(
            ServiceDescriptor descriptor, List<ServerMethodDefinition<?, ?>> methods) {
        ServiceDescriptor.Builder described = ServiceDescriptor.newBuilder(descriptor.getName())
                .setSchemaDescriptor(descriptor.getSchemaDescriptor());
        methods.forEach(method -> described.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(described.build());
        methods.forEach(service::addMethod);
        return service.build();
    }

    private <Q, A> ServerMethodDefinition<Received<Q>, A> strict(ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> described = method.getMethodDescriptor();
        ServerCallHandler<Q, A> handler = method.getServerCallHandler();
        return ServerMethodDefinition.create(
                described.toBuilder(Received.marshaller(described), described.getResponseMarshaller())
                        .build(),
                (call, headers) -> new StrictListener<>(
                        described, call, handler.startCall(new TypedCall<>(call, described), headers)));
    }

    /** Hands on what is right. After a refusal it hands on nothing but the end. */
    private final class StrictListener<Q, A> extends ServerCall.Listener<Received<Q>> {

        private final MethodDescriptor<Q, A> method;
        private final ServerCall<Received<Q>, A> call;
        private final ServerCall.Listener<Q> next;
        private boolean received;
        private boolean over;

        StrictListener(MethodDescriptor<Q, A> method, ServerCall<Received<Q>, A> call, ServerCall.Listener<Q> next) {
            this.method = method;
            this.call = call;
            this.next = next;
        }

        @Override
        public void onMessage(Received<Q> message) {
            received = true;
            if (over) {
                return;
            }
            if (message.fault() != null) {
                refuse(message.fault());
            } else {
                next.onMessage(message.message());
            }
        }

        @Override
        public void onHalfClose() {
            if (!over && !received && method.getType().clientSendsOneMessage()) {
                refuse(Status.INVALID_ARGUMENT.withDescription(
                        "expected one message of " + method.getFullMethodName() + ", but got none"));
            }
            if (!over) {
                next.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            next.onCancel();
        }

        @Override
        public void onComplete() {
            next.onComplete();
        }

        @Override
        public void onReady() {
            if (!over) {
                next.onReady();
            }
        }

        private void refuse(Status status) {
            over = true;
            Caller caller = Caller.KEY.get();
            if (caller != null) {
                RefusalReason reason = status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                        ? RefusalReason.RESOURCE_EXHAUSTED
                        : RefusalReason.INVALID_ARGUMENT;
                refused.ifPresent(
                        log -> log.note(caller, method.getFullMethodName(), "", reason, status.getDescription()));
            }
            call.close(status, new Metadata());
        }
    }
}
