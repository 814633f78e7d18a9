package io.millrace.ingest.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.millrace.ingest.auth.AuthenticationException;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.Traceparent;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.operations.Request;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;

/**
 * Lets in who has a key and sets {@link Caller#KEY} for the services; everyone else gets UNAUTHENTICATED, and a principal
 * that may not make this call PERMISSION_DENIED. Health and reflection are open to all. Runs on the transport's thread and
 * does not block.
 */
public final class AuthInterceptor implements ServerInterceptor {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of(Traceparent.HEADER, Metadata.ASCII_STRING_MARSHALLER);
    private static final Set<String> OPEN_SERVICES = Set.of(
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection");

    private final Authenticator authenticator;
    private final RefusalLog refusals;

    /**
     * @param authenticator knows the keys
     * @param refusals where calls that a known principal may not make are noted
     */
    public AuthInterceptor(Authenticator authenticator, RefusalLog refusals) {
        this.authenticator = authenticator;
        this.refusals = refusals;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (OPEN_SERVICES.contains(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        Caller caller;
        try {
            caller = authenticator.authenticate(headers.get(AUTHORIZATION), peer(call));
        } catch (AuthenticationException e) {
            return refuse(call, Status.UNAUTHENTICATED.withDescription(e.getMessage()));
        }
        String method = call.getMethodDescriptor().getFullMethodName();
        Optional<RefusedException> refusal = Permissions.refusal(caller, method);
        if (refusal.isPresent()) {
            refusals.record(new Request(caller, method, ""), refusal.get());
            return refuse(call, Status.PERMISSION_DENIED.withDescription(refusal.get().getMessage()));
        }
        Context context = Context.current().withValue(Caller.KEY, caller);
        String traceparent = Traceparent.read(headers.get(TRACEPARENT));
        if (!traceparent.isEmpty()) {
            context = context.withValue(Traceparent.KEY, traceparent);
        }
        return Contexts.interceptCall(context, call, headers, next);
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static String peer(ServerCall<?, ?> call) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return address == null ? "" : address.toString();
    }
}
