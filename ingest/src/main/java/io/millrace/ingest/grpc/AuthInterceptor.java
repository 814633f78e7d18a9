package io.millrace.ingest.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.millrace.ingest.auth.Admission;
import io.millrace.ingest.auth.AuthenticationException;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.CallTrace;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.ClientCertificate;
import io.millrace.ingest.auth.Credential;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.ProxiedClient;
import io.millrace.ingest.auth.Reason;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.auth.Traceparent;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Failures;
import io.millrace.proto.TraceContext;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.InForce;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in who has a key, and sets {@link Caller#KEY} for the services. Everyone else gets UNAUTHENTICATED. A principal
 * that may not make this call gets PERMISSION_DENIED. A call that waits ends when its key does. Health and reflection are open to all. Runs on the transport's
 * thread and does not block: a token that has to be checked is checked elsewhere meanwhile.
 */
public final class AuthInterceptor implements ServerInterceptor {

    private static final Logger LOG = LoggerFactory.getLogger(AuthInterceptor.class);

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of(TraceContext.HEADER, Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> REASON = Metadata.Key.of(Reason.HEADER, Metadata.ASCII_STRING_MARSHALLER);
    private static final Set<String> OPEN_SERVICES = Set.of(
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection");

    private static final Metadata.Key<String> FORWARDED =
            Metadata.Key.of("forwarded", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> X_FORWARDED_FOR =
            Metadata.Key.of("x-forwarded-for", Metadata.ASCII_STRING_MARSHALLER);

    private final Authenticator authenticator;
    private final CredentialWatch credentials;
    private final TrustedProxies proxies;
    private final RefusedLogins logins;
    private final RefusalLog refusals;
    private final CallTraces traces;

    /**
     * @param authenticator knows the keys
     * @param credentials ends what waits once its key is in force no more
     * @param proxies whose word on where a call comes from is believed
     * @param logins where calls without a known key are noted
     * @param refusals where calls that a known principal may not make are noted
     * @param traces tell to which traces calls belong
     */
    public AuthInterceptor(
            Authenticator authenticator,
            CredentialWatch credentials,
            TrustedProxies proxies,
            RefusedLogins logins,
            RefusalLog refusals,
            CallTraces traces) {
        this.authenticator = authenticator;
        this.credentials = credentials;
        this.proxies = proxies;
        this.logins = logins;
        this.refusals = refusals;
        this.traces = traces;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (OPEN_SERVICES.contains(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        String peer = peer(call, headers);
        CompletableFuture<Admission> asked;
        try {
            asked = authenticator.authenticate(
                    authorization(headers),
                    peer,
                    address(call),
                    call.getAttributes().get(ClientCertificate.KEY));
        } catch (AuthenticationException e) {
            asked = CompletableFuture.failedFuture(e);
        }
        return asked.isDone() ? answered(asked, peer, call, headers, next) : later(asked, peer, call, headers, next);
    }

    /** Who calls is found out elsewhere: the call goes on when that is done, on its own thread. */
    private <Q, A> ServerCall.Listener<Q> later(
            CompletableFuture<Admission> asked,
            String peer,
            ServerCall<Q, A> call,
            Metadata headers,
            ServerCallHandler<Q, A> next) {
        Executor thread = call.getAttributes().get(CallThread.KEY);
        if (thread == null) {
            return refuse(
                    call, Status.UNAVAILABLE.withDescription("expected a connection that is open, but it is not"));
        }
        LateListener<Q> late = new LateListener<>();
        Runnable goOn = Context.current().wrap(() -> {
            try {
                late.hear(answered(asked, peer, call, headers, next));
            } catch (RuntimeException e) {
                // The thread belongs to other calls as well, which must not end because of this one.
                LOG.error("a call could not begin: {}", FailureTrace.of(e));
                refuse(call, Status.INTERNAL.withDescription("expected to begin the call, but a fault prevented it"));
            }
        });
        asked.whenComplete((admission, failure) -> thread.execute(goOn));
        return late;
    }

    private <Q, A> ServerCall.Listener<Q> answered(
            CompletableFuture<Admission> asked,
            String peer,
            ServerCall<Q, A> call,
            Metadata headers,
            ServerCallHandler<Q, A> next) {
        if (!asked.isCompletedExceptionally()) {
            return admit(asked.resultNow(), call, headers, next);
        }
        Throwable failure = Failures.cause(asked.exceptionNow());
        if (!(failure instanceof AuthenticationException refused)) {
            throw new IllegalStateException("expected to find out who calls, but failed", failure);
        }
        if (refused.isUnchecked()) {
            LimitRefusals.refuse(call, refused.getMessage());
            return new ServerCall.Listener<>() {};
        }
        logins.note(peer);
        return refuse(call, Status.UNAUTHENTICATED.withDescription(refused.getMessage()));
    }

    private <Q, A> ServerCall.Listener<Q> admit(
            Admission admission, ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        CallTrace trace = traces.of(headers.getAll(TRACEPARENT), method);
        return trace.recorded()
                ? new TracedCall<>(call, trace)
                        .listener(traced -> admit(admission, method, trace.traceparent(), traced, headers, next))
                : admit(admission, method, trace.traceparent(), call, headers, next);
    }

    private <Q, A> ServerCall.Listener<Q> admit(
            Admission admission,
            String method,
            String traceparent,
            ServerCall<Q, A> call,
            Metadata headers,
            ServerCallHandler<Q, A> next) {
        Caller caller = admission.caller();
        Optional<RefusedException> refusal = Permissions.refusal(caller, method);
        if (refusal.isPresent()) {
            refusals.record(new Request(caller, method, traceparent), refusal.get());
            return refuse(
                    call, Status.PERMISSION_DENIED.withDescription(refusal.get().getMessage()));
        }
        Context context = Context.current().withValues(Caller.KEY, caller, Admission.KEY, admission);
        if (!traceparent.isEmpty()) {
            context = context.withValue(Traceparent.KEY, traceparent);
        }
        String reason = headers.get(REASON);
        if (reason != null && !Reason.isWhole(reason)) {
            RefusedException bent = RefusedException.invalid("expected '" + Reason.HEADER
                    + "' to be printable ASCII, which is all that metadata carry, but it has other characters");
            refusals.record(new Request(caller, method, traceparent), bent);
            return refuse(call, Status.INVALID_ARGUMENT.withDescription(bent.getMessage()));
        }
        if (reason != null) {
            context = context.withValue(Reason.KEY, reason);
        }
        if (!WaitingCalls.waits(call.getMethodDescriptor())) {
            return Contexts.interceptCall(context, call, headers, next);
        }
        RevocableCall<Q, A> revocable = new RevocableCall<>(call);
        CredentialWatch.Open open = credentials.watch(admission.credential(), revocable::revoke);
        try {
            return revocable.listener(
                    Contexts.interceptCall(ofKey(context, admission.credential()), revocable, headers, next), open);
        } catch (Throwable e) {
            open.close();
            throw e;
        }
    }

    /**
     * A worker whose key was revoked cannot report what it has in hand. One whose token or certificate has ended shows the next one,
     * so its work is left to it.
     */
    private static Context ofKey(Context context, Credential shown) {
        return shown instanceof Credential.OfKey ? context.withValue(InForce.KEY, shown) : context;
    }

    /** Of two of these, a proxy in front may take the other one. */
    private static @Nullable String authorization(Metadata headers) throws AuthenticationException {
        Iterable<String> all = headers.getAll(AUTHORIZATION);
        if (all == null) {
            return null;
        }
        Iterator<String> each = all.iterator();
        String first = each.next();
        if (each.hasNext()) {
            throw new AuthenticationException("expected one header 'authorization', but there are several");
        }
        return first;
    }

    private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private static InetAddress address(ServerCall<?, ?> call) {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress inet
                        && inet.getAddress() != null
                ? inet.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    private String peer(ServerCall<?, ?> call, Metadata headers) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return proxies.origin(
                    inet,
                    call.getAttributes().get(ProxiedClient.KEY),
                    joined(headers, FORWARDED),
                    joined(headers, X_FORWARDED_FOR));
        }
        return address == null ? "" : address.toString();
    }

    /** A proxy may add a header of its own behind that of the client. */
    private static @Nullable String joined(Metadata headers, Metadata.Key<String> name) {
        Iterable<String> values = headers.getAll(name);
        return values == null ? null : String.join(",", values);
    }
}
