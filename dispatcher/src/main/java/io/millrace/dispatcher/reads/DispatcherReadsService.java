package io.millrace.dispatcher.reads;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.LocalReads;
import io.millrace.proto.reads.QueuePart;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.DispatcherReadsGrpc;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseRequest;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.FindWorkflowRequest;
import io.millrace.proto.v1.FindWorkflowResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListPoliciesRequest;
import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesRequest;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.ReadRequest;
import io.millrace.proto.v1.ReadTaskRequest;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves this node's reads to other nodes. */
public final class DispatcherReadsService extends DispatcherReadsGrpc.DispatcherReadsImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(DispatcherReadsService.class);

    private final LocalReads reads;

    /** Serves these reads. */
    public DispatcherReadsService(LocalReads reads) {
        this.reads = reads;
    }

    @Override
    public void getHistory(ReadRequest request, StreamObserver<HistoryView> observer) {
        answer(reads.history(Ids.fromBytes(request.getOrgId()), Ids.fromBytes(request.getExecutionId())), observer);
    }

    @Override
    public void getExecution(ReadRequest request, StreamObserver<ExecutionView> observer) {
        answer(reads.execution(Ids.fromBytes(request.getOrgId()), Ids.fromBytes(request.getExecutionId())), observer);
    }

    @Override
    public void getWorkflowState(ReadRequest request, StreamObserver<WorkflowStateView> observer) {
        answer(
                reads.workflowState(Ids.fromBytes(request.getOrgId()), Ids.fromBytes(request.getExecutionId())),
                observer);
    }

    @Override
    public void getWhy(ReadRequest request, StreamObserver<WhyView> observer) {
        answer(reads.why(Ids.fromBytes(request.getOrgId()), Ids.fromBytes(request.getExecutionId())), observer);
    }

    @Override
    public void getTask(ReadTaskRequest request, StreamObserver<TaskView> observer) {
        answer(
                reads.task(
                        Ids.fromBytes(request.getOrgId()),
                        Ids.fromBytes(request.getExecutionId()),
                        Ids.fromBytes(request.getTaskId())),
                observer);
    }

    @Override
    public void findTask(ReadTaskRequest request, StreamObserver<TaskView> observer) {
        answer(
                reads.findTask(
                        Ids.fromBytes(request.getOrgId()),
                        Ids.fromBytes(request.getTaskId()),
                        Set.copyOf(request.getPartitionsList())),
                observer);
    }

    @Override
    public void findPromise(FindPromiseRequest request, StreamObserver<FindPromiseResponse> observer) {
        UUID orgId = Ids.fromBytes(request.getOrgId());
        if (request.getPromiseId().isEmpty()) {
            answer(reads.findPromise(orgId, request.getKey()), observer);
            return;
        }
        answer(
                reads.promiseHome(orgId, Ids.fromBytes(request.getPromiseId()))
                        .thenApply(home -> home.map(id -> FindPromiseResponse.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setPromiseId(request.getPromiseId())
                                .build())),
                observer);
    }

    @Override
    public void findWorkflow(FindWorkflowRequest request, StreamObserver<FindWorkflowResponse> observer) {
        UUID orgId = Ids.fromBytes(request.getOrgId());
        CompletableFuture<Optional<UUID>> found;
        if (!request.getRun().isEmpty()) {
            found = reads.newestRun(orgId, Ids.fromBytes(request.getRun()));
        } else if (request.getForSignal()) {
            found = reads.signalledUnder(orgId, request.getKey(), request.getSignalKey());
        } else {
            found = reads.startedUnder(orgId, request.getKey());
        }
        answer(
                found.thenApply(workflow -> workflow.map(id -> FindWorkflowResponse.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .build())),
                observer);
    }

    @Override
    public void listQueues(ListQueuesRequest request, StreamObserver<ListQueuesResponse> observer) {
        answer(
                reads.queues(
                                Ids.fromBytes(request.getOrgId()),
                                Set.copyOf(request.getPartitionsList()),
                                QueuePart.Asked.of(request))
                        .thenApply(Optional::of),
                observer);
    }

    @Override
    public void listPolicies(ListPoliciesRequest request, StreamObserver<ListPoliciesResponse> observer) {
        answer(
                reads.policies(
                                Ids.fromBytes(request.getOrgId()),
                                Set.copyOf(request.getPartitionsList()),
                                request.hasSubject() ? request.getSubject() : null)
                        .thenApply(Optional::of),
                observer);
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchStep> observer) {
        new ServedWatch(reads, request, (ServerCallStreamObserver<WatchStep>) observer);
    }

    private static <T> void answer(CompletableFuture<Optional<T>> read, StreamObserver<T> observer) {
        read.whenComplete((found, failure) -> {
            if (failure instanceof ReadsUnavailableException) {
                observer.onError(
                        Status.UNAVAILABLE.withDescription(failure.getMessage()).asRuntimeException());
            } else if (failure != null) {
                LOG.error("a read for another node failed: {}", FailureTrace.of(failure));
                // Not INTERNAL, which is also what connections say that break.
                observer.onError(Status.UNKNOWN
                        .withDescription(
                                "the read failed: " + failure.getClass().getSimpleName())
                        .asRuntimeException());
            } else if (found.isEmpty()) {
                observer.onError(Status.NOT_FOUND.asRuntimeException());
            } else {
                observer.onNext(found.get());
                observer.onCompleted();
            }
        });
    }
}
