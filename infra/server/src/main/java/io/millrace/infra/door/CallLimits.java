package io.millrace.infra.door;

import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.millrace.ingest.auth.Admission;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.grpc.LimitRefusals;
import io.millrace.ingest.grpc.RatedCalls;
import io.millrace.ingest.grpc.WaitingCalls;
import io.millrace.ingest.limits.CallRates;
import io.millrace.ingest.limits.OrganisationLoad;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Pool;
import io.millrace.ingest.limits.Turnstile;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the calls of every organisation and refuses those that are too many, at a time or in a second. Lets histories
 * through a few at a time: each is held in memory until its client has taken it. Stands behind the interceptor that says
 * who calls. Runs on the transport's threads and does not block.
 */
public final class CallLimits implements ServerInterceptor {

    /** These answer with as much as a history may have. */
    private static final Set<String> HISTORIES = Set.of(
            WorkflowDispatchGrpc.getGetEventsMethod().getFullMethodName(),
            WorkflowQueryGrpc.getQueryWorkflowMethod().getFullMethodName(),
            TaskExecutionGrpc.getGetStateMethod().getFullMethodName(),
            TaskExecutionGrpc.getGetStateKeysMethod().getFullMethodName());

    /** When there may be room again where nobody can tell. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(CallLimits.class);

    private final OrganisationLoads loads;
    private final Optional<RefusedRequests> refused;

    /**
     * @param loads what every organisation has under way
     * @param refused where refusals are noted, if the node has the command log
     */
    public CallLimits(OrganisationLoads loads, Optional<RefusedRequests> refused) {
        this.loads = loads;
        this.refused = refused;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        DoorConnection connection = OpenConnections.of(call);
        Caller caller = Caller.KEY.get();
        OrganisationLoad load = caller == null ? loads.ofStrangers() : loads.of(caller.orgId());
        if (caller != null) {
            connection.showedKey();
        }
        String method = call.getMethodDescriptor().getFullMethodName();
        boolean waits = WaitingCalls.waits(call.getMethodDescriptor());
        Pool.Share seats = waits ? load.polls() : load.calls();
        DoorConnection.Lanes lanes = connection.lanes(load);
        boolean most = !waits && lanes.calls().get() >= loads.callsOfAConnection();
        if (most || !seats.take(1)) {
            String text = most
                    ? "expected a connection to have at most " + loads.callsOfAConnection()
                            + " calls of an organisation under way on this node, but it has them"
                    : "expected an organisation to have no more "
                            + (waits ? "polls, subscriptions and calls that wait" : "calls")
                            + " under way than it leaves free for others on this node, but it has " + seats.own();
            return refuse(call, caller, text, Optional.of(PAUSE));
        }
        // Only now: what finds no seat costs nothing of a second.
        CallRates.Asking asking = RatedCalls.counts(call.getMethodDescriptor()) ? asking(method) : null;
        Optional<CallRates.TooMuch> tooFast = asking == null ? Optional.empty() : asking.enter();
        if (tooFast.isPresent()) {
            seats.give(1);
            return refuse(call, caller, tooFast.get().text(), tooFast.get().pause());
        }
        LimitedCall<Q, A> limited = new LimitedCall<>(
                call,
                connection,
                lanes,
                seats,
                !waits,
                RequestMeter.current().rated(asking, text -> note(call, caller, text)));
        ServerCall.Listener<Q> listener;
        try {
            listener = next.startCall(limited, headers);
        } catch (Throwable e) {
            limited.over();
            throw e;
        }
        return HISTORIES.contains(method)
                ? new HistoryListener<>(listener, limited, lanes.histories(), connection)
                : new Listener<>(listener, limited);
    }

    private CallRates.@Nullable Asking asking(String method) {
        Admission admission = Admission.KEY.get();
        CallRates.Purpose purpose = Permissions.relieves(method) ? CallRates.Purpose.RELIEF : CallRates.Purpose.WORK;
        return admission == null ? null : loads.rates().of(admission.caller(), admission.limits(), purpose);
    }

    private <Q, A> ServerCall.Listener<Q> refuse(
            ServerCall<Q, A> call, @Nullable Caller caller, String text, Optional<Duration> pause) {
        note(call, caller, text);
        LimitRefusals.refuse(call, text, pause);
        return new ServerCall.Listener<>() {};
    }

    private void note(ServerCall<?, ?> call, @Nullable Caller caller, String text) {
        if (caller != null) {
            String method = call.getMethodDescriptor().getFullMethodName();
            refused.ifPresent(notes -> notes.note(caller, method, "", RefusalReason.RESOURCE_EXHAUSTED, text));
        }
    }

    private static class Listener<Q> extends SimpleForwardingServerCallListener<Q> {

        final LimitedCall<?, ?> call;

        Listener(ServerCall.Listener<Q> listener, LimitedCall<?, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onHalfClose() {
            if (call.asked()) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            call.over();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            call.over();
            if (call.undelivered()) {
                super.onCancel(); // work that was handed out goes back
            } else {
                super.onComplete();
            }
        }
    }

    /** Asks for a history only when there is room for it. That may be on another thread, but in the call's context. */
    private static final class HistoryListener<Q> extends Listener<Q> {

        private final HistoryPlace place;

        HistoryListener(
                ServerCall.Listener<Q> listener,
                LimitedCall<?, ?> call,
                Turnstile.Lane histories,
                DoorConnection connection) {
            super(listener, call);
            place = new HistoryPlace(
                    histories, connection::afterWrites, Context.current().wrap(() -> ask(listener)));
            call.answersWith(place);
        }

        /** The thread may belong to another call, which must not end because of this one. */
        private void ask(ServerCall.Listener<Q> listener) {
            try {
                listener.onHalfClose();
            } catch (RuntimeException e) {
                LOG.error("a request for a history failed: {}", FailureTrace.of(e));
                call.fail();
            }
        }

        @Override
        public void onHalfClose() {
            if (call.asked()) {
                place.enter();
            }
        }
    }
}
