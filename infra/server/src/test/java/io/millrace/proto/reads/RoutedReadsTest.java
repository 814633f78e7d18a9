package io.millrace.proto.reads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.directory.Dispatchers;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.DispatcherReadsGrpc;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.PartitionTenure.Stage;
import io.millrace.proto.v1.ReadRequest;
import io.millrace.proto.v1.ReadTaskRequest;
import io.millrace.proto.v1.TaskView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of another node, which may be stopping, over a real connection. */
class RoutedReadsTest {

    private static final UUID ORG = new UUID(1, 1);
    private static final UUID EXECUTION = new UUID(2, 0);
    private static final HistoryView HISTORY = HistoryView.getDefaultInstance();
    private static final Duration LONG = Duration.ofSeconds(30);

    /** How the owner answers, one after the other; then it has the history. */
    private final Queue<Status> failures = new ConcurrentLinkedQueue<>();

    private final Queue<List<Integer>> askedOf = new ConcurrentLinkedQueue<>();
    private final Semaphore asked = new Semaphore(0);
    private volatile boolean found = true;
    private final CountDownLatch disconnected = new CountDownLatch(1);
    private final Server server = server();
    private volatile Optional<DispatcherNode> owner = Optional.of(DispatcherNode.newBuilder()
            .setHost("127.0.0.1")
            .setPort(server.getPort())
            .build());
    private volatile Optional<DispatcherNode> ownerOfOne = Optional.empty();
    private volatile boolean broken;
    private volatile Set<Integer> unowned = Set.of();
    private int partitions = 1;
    private RoutedReads reads;

    @AfterEach
    void stop() {
        reads.close();
        server.shutdownNow();
    }

    private Server server() {
        try {
            return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .addTransportFilter(new ServerTransportFilter() {
                        @Override
                        public void transportTerminated(Attributes attributes) {
                            disconnected.countDown();
                        }
                    })
                    .addService(new DispatcherReadsGrpc.DispatcherReadsImplBase() {
                        @Override
                        public void getHistory(ReadRequest request, StreamObserver<HistoryView> observer) {
                            answer(HISTORY, observer);
                        }

                        @Override
                        public void getTask(ReadTaskRequest request, StreamObserver<TaskView> observer) {
                            observer.onError(Status.NOT_FOUND.asRuntimeException());
                        }

                        @Override
                        public void findTask(ReadTaskRequest request, StreamObserver<TaskView> observer) {
                            askedOf.add(request.getPartitionsList());
                            if (found) {
                                answer(TaskView.getDefaultInstance(), observer);
                            } else {
                                observer.onError(Status.NOT_FOUND.asRuntimeException());
                            }
                            asked.release();
                        }
                    })
                    .build()
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private <T> void answer(T value, StreamObserver<T> observer) {
        Status failure = failures.poll();
        if (failure == null) {
            observer.onNext(value);
            observer.onCompleted();
        } else {
            observer.onError(failure.asRuntimeException());
        }
    }

    private RoutedReads open(Duration patience) {
        reads = new RoutedReads(
                null,
                new Dispatchers() {
                    @Override
                    public Optional<PartitionHolder> holderOf(int partition) {
                        if (broken) {
                            throw new IllegalStateException("broken, for the test");
                        }
                        return (partition == 1 ? ownerOfOne.or(() -> owner) : owner)
                                .filter(node -> !unowned.contains(partition))
                                .map(node -> new PartitionHolder(node, Stage.OWNING, 0));
                    }

                    @Override
                    public Collection<DispatcherNode> dispatchers() {
                        return owner.map(List::of).orElse(List.of());
                    }
                },
                NodeChannels.PLAIN,
                partitions,
                patience,
                patience);
        return reads;
    }

    private static Throwable failure(CompletableFuture<?> read) {
        return Failures.cause(assertThrows(CompletionException.class, read::join));
    }

    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "CANCELLED", "INTERNAL", "ABORTED", "DEADLINE_EXCEEDED", "UNIMPLEMENTED"})
    void aReadIsTriedAgainHoweverAnOwnerThatStopsEndsIt(Status.Code code) {
        failures.add(code.toStatus().withDescription("RST_STREAM closed stream"));
        failures.add(code.toStatus());
        assertEquals(Optional.of(HISTORY), open(LONG).history(ORG, EXECUTION).join());
        assertTrue(failures.isEmpty());
    }

    @Test
    void anOwnerThatIsGoneIsUnavailableInPlainWordsOnceTheTimeIsOver() {
        server.shutdownNow();
        Throwable failure = failure(open(Duration.ofMillis(200)).history(ORG, EXECUTION));
        assertInstanceOf(UnavailableException.class, failure);
        String text = failure.getMessage();
        assertTrue(text.contains("expected the owning dispatcher to answer"), text);
        assertFalse(text.contains("127.0.0.1"), text);
        assertFalse(text.contains("io exception"), text);
    }

    @Test
    void whatTheOwnerCannotReadAtAllIsNotTriedAgain() {
        failures.add(Status.UNKNOWN.withDescription("the read failed: a bug"));
        failures.add(Status.UNKNOWN.withDescription("never asked for"));
        assertInstanceOf(IllegalStateException.class, failure(open(LONG).history(ORG, EXECUTION)));
        assertEquals(1, failures.size());
    }

    @Test
    void aReadWaitsForAnOwner() {
        DispatcherNode heir = owner.orElseThrow();
        owner = Optional.empty();
        CompletableFuture<Optional<HistoryView>> waiting = open(LONG).history(ORG, EXECUTION);
        assertFalse(waiting.isDone());
        owner = Optional.of(heir);
        assertEquals(Optional.of(HISTORY), waiting.join());
    }

    @Test
    void aReadThatBreaksWhenItIsTriedAgainFailsAndLeavesNobodyWaiting() {
        owner = Optional.empty();
        CompletableFuture<Optional<HistoryView>> waiting = open(LONG).history(ORG, EXECUTION);
        broken = true;
        CompletionException failure = assertThrows(CompletionException.class, waiting::join);
        assertEquals(IllegalStateException.class, failure.getCause().getClass());
    }

    @Test
    void aTaskIsLookedForInOneAndTheSameTime() {
        failures.add(Status.UNAVAILABLE);
        assertTrue(open(LONG).findTask(ORG, new UUID(3, 0)).join().isPresent());
    }

    /** One takes a minute to find an owner, perhaps. A worker that reports what it did has nothing to do with it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aTaskIsFoundThoughAnotherPartitionHasNoOwner(int home) {
        partitions = 2;
        unowned = Set.of(1);
        assertTrue(open(LONG).findTask(ORG, new UUID(3, home)).join().isPresent());
    }

    /** As when a machine is gone, and its connections are open still. */
    @Test
    void aTaskIsFoundThoughTheNodeThatItsIdPointsToIsSilent() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            partitions = 2;
            ownerOfOne = Optional.of(DispatcherNode.newBuilder()
                    .setHost("127.0.0.1")
                    .setPort(silent.getLocalPort())
                    .build());
            assertTrue(open(Duration.ofSeconds(15))
                    .findTask(ORG, new UUID(3, 1))
                    .join()
                    .isPresent());
        }
    }

    @Test
    void thatNobodyHasATaskIsKnownOnceAllHaveSaidSo() throws Exception {
        partitions = 2;
        unowned = Set.of(1);
        found = false;
        CompletableFuture<Optional<TaskView>> looking = open(LONG).findTask(ORG, new UUID(3, 0));
        assertTrue(asked.tryAcquire(60, TimeUnit.SECONDS));
        assertFalse(looking.isDone());
        unowned = Set.of();
        assertEquals(Optional.empty(), looking.join());
        assertEquals(List.of(List.of(0), List.of(1)), List.copyOf(askedOf), "who has said so is not asked again");
    }

    @Test
    void theConnectionToANodeThatOwnsNothingAnyMoreIsGivenUp() throws InterruptedException {
        open(LONG).history(ORG, EXECUTION).join();
        reads.forgetGone();
        assertEquals(1, reads.remotes());
        owner = Optional.empty();
        reads.forgetGone();
        assertEquals(0, reads.remotes());
        assertTrue(disconnected.await(120, TimeUnit.SECONDS));
    }

    @Test
    void whatStillWaitsWhenTheNodeStopsFailsAsUnavailable() {
        owner = Optional.empty();
        CompletableFuture<Optional<HistoryView>> waiting = open(LONG).history(ORG, EXECUTION);
        reads.close();
        assertInstanceOf(UnavailableException.class, failure(waiting));
    }
}
