package io.millrace.infra.server;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.NodesGrpc;
import io.millrace.proto.v1.ReachAnswer;
import io.millrace.proto.v1.ReachRequest;
import io.millrace.proto.v1.WhoAnswer;
import io.millrace.proto.v1.WhoRequest;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Asks other nodes who they are and whom they reach, and answers when others ask. Each question has a connection of its
 * own: it is asked to see whether there can be one. Safe from any thread; nothing waits.
 */
final class NodeCalls extends NodesGrpc.NodesImplBase {

    private static final long LIMIT_MS = 3_000;

    private final NodeLinks links;
    private final WhoAnswer self;

    NodeCalls(NodeLinks links, String node) {
        this.links = links;
        ByteString instance = Ids.toByteString(UUID.randomUUID());
        self = WhoAnswer.newBuilder().setNode(node).setInstance(instance).build();
    }

    /** @return this node, and this process of it */
    WhoAnswer self() {
        return self;
    }

    @Override
    public void who(WhoRequest request, StreamObserver<WhoAnswer> observer) {
        observer.onNext(self.toBuilder().setTimeMs(System.currentTimeMillis()).build());
        observer.onCompleted();
    }

    @Override
    public void reach(ReachRequest request, StreamObserver<ReachAnswer> observer) {
        problemOf(request.getHost(), request.getPort(), request.getNode()).thenAccept(problem -> {
            observer.onNext(ReachAnswer.newBuilder()
                    .setNode(self)
                    .setProblem(problem.orElse(""))
                    .build());
            observer.onCompleted();
        });
    }

    /** @return why the node is not reached at the address; empty: it is. Never fails */
    CompletableFuture<Optional<String>> problemOf(String host, int port, WhoAnswer expected) {
        return who(host, port)
                .handle((found, failure) -> failure != null
                        ? Optional.of(meaning(failure))
                        : isSame(found, expected)
                                ? Optional.<String>empty()
                                : Optional.of("node " + found.getNode() + " answers there"
                                        + (found.getNode().equals(expected.getNode())
                                                ? ", but it is another process of that name"
                                                : "")));
    }

    /** @return who answers at the address */
    CompletableFuture<WhoAnswer> who(String host, int port) {
        return ask(host, port, (stub, answer) -> stub.who(WhoRequest.getDefaultInstance(), answer));
    }

    /** @return whether both stand for one process */
    static boolean isSame(WhoAnswer one, WhoAnswer other) {
        return one.getNode().equals(other.getNode()) && one.getInstance().equals(other.getInstance());
    }

    /** @return what the node at that address says of the way to this one at the other address */
    CompletableFuture<ReachAnswer> askWhetherItReaches(String host, int port, String ownHost, int ownPort) {
        ReachRequest request = ReachRequest.newBuilder()
                .setHost(ownHost)
                .setPort(ownPort)
                .setNode(self)
                .build();
        return ask(host, port, (stub, answer) -> stub.reach(request, answer));
    }

    private <A> CompletableFuture<A> ask(
            String host, int port, BiConsumer<NodesGrpc.NodesStub, StreamObserver<A>> question) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        ManagedChannel channel = links.to(host, port).directExecutor().build();
        answer.whenComplete((found, failure) -> channel.shutdownNow());
        question.accept(
                // An answer may need a question of the other's own, which has the same limit.
                NodesGrpc.newStub(channel).withDeadlineAfter(2 * LIMIT_MS, TimeUnit.MILLISECONDS),
                new StreamObserver<>() {
                    @Override
                    public void onNext(A value) {
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        return answer;
    }

    /** @return why a question was not answered, for people */
    static String meaning(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        if (status.getCode() == Status.Code.UNAUTHENTICATED) {
            return "who answers there does not know the key in commands.mac.key_file";
        }
        Throwable deepest = status.getCause();
        while (deepest != null && deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest == null
                ? String.valueOf(status.getDescription())
                : deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
    }
}
