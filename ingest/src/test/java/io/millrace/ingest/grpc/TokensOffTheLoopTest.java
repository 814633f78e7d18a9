package io.millrace.ingest.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.rpc.RetryInfo;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.CallTraces;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.TrustedProxies;
import io.millrace.ingest.auth.openid.OpenIdTokens;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.trace.Spans;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens that have to be checked, on a server of gRPC with a single event loop. */
class TokensOffTheLoopTest {

    private static final long LIMIT_S = 120;

    private final CountDownLatch goOn = new CountDownLatch(1);
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private CredentialWatch credentials;
    private OpenIdTokens tokens;
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        // Nobody is at that address: no token is good, and that is told once it was checked.
        Access access = AccessFile.parse(OpenDoor.TOML + """

                [auth.openid]
                issuer = "http://127.0.0.1:1"
                audience = "millrace"
                org_id = "%s"
                role_claim = "groups"
                roles = [{ value = "staff", role = "WORKER" }]
                """.formatted(OpenDoor.ALPHA));
        tokens = new OpenIdTokens(access.openId().orElseThrow(), access, () -> {
            if (Thread.currentThread().getName().startsWith("millrace-tokens-")) {
                hold();
            }
            return Instant.now();
        });
        credentials = new CredentialWatch();
        ScriptedLog log = new ScriptedLog();
        Authenticator authenticator = new Authenticator(
                access,
                IssuedKeys.follow(access, CommandMacs.OFF, new MemoryDirectory(), InstantSource.system()),
                Optional.of(tokens),
                InstantSource.system());
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .directExecutor()
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        return attributes.toBuilder()
                                .set(CallThread.KEY, loop::execute)
                                .build();
                    }
                })
                .intercept(new AuthInterceptor(
                        authenticator,
                        credentials,
                        TrustedProxies.NONE,
                        new RefusedLogins(log),
                        new RefusalLog(new RefusedRequests(log)),
                        new CallTraces(Spans.NONE, 0)))
                .addService(ServerServiceDefinition.builder(WorkflowDispatchGrpc.SERVICE_NAME)
                        .addMethod(
                                WorkflowDispatchGrpc.getPollWorkflowMethod(),
                                ServerCalls.asyncUnaryCall((PollRequest asked, StreamObserver<PollResponse> out) -> {
                                    out.onNext(PollResponse.getDefaultInstance());
                                    out.onCompleted();
                                }))
                        .build())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        goOn.countDown();
        channel.shutdownNow();
        server.shutdownNow();
        tokens.close();
        credentials.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void hold() {
        try {
            assertTrue(goOn.await(LIMIT_S, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private ListenableFuture<PollResponse> poll(String key) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
        return WorkflowDispatchGrpc.newFutureStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(LIMIT_S, TimeUnit.SECONDS)
                .pollWorkflow(PollRequest.getDefaultInstance());
    }

    private static Status failure(ListenableFuture<PollResponse> call) throws Exception {
        try {
            call.get();
            return Status.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause());
        }
    }

    @Test
    void aCallWhoseTokenIsCheckedHoldsNoOtherCallUp() throws Exception {
        ListenableFuture<PollResponse> checked = poll("aaaa.bbbb.cccc");

        assertEquals(
                PollResponse.getDefaultInstance(), poll(OpenDoor.WORKER_KEY).get());
        assertFalse(checked.isDone(), "it waits for its check");

        goOn.countDown();
        assertEquals(Status.Code.UNAUTHENTICATED, failure(checked).getCode());
    }

    @Test
    void whoGivesUpMeanwhileIsForgottenAndOthersGoOn() throws Exception {
        List<ListenableFuture<PollResponse>> givenUp = List.of(poll("aaaa.bbbb.cccc"), poll("aaaa.bbbb.dddd"));
        assertEquals(
                PollResponse.getDefaultInstance(), poll(OpenDoor.WORKER_KEY).get());
        givenUp.forEach(each -> each.cancel(true));

        goOn.countDown();

        assertEquals(
                PollResponse.getDefaultInstance(), poll(OpenDoor.WORKER_KEY).get());
        assertEquals(
                Status.Code.UNAUTHENTICATED, failure(poll("aaaa.bbbb.cccc")).getCode());
    }

    @Test
    void moreThanCanBeCheckedIsRefusedWithAHintWhenToTryAgain() throws Exception {
        ListenableFuture<PollResponse> last = poll("aaaa.bbbb.c");
        for (int i = 0; !last.isDone() && i < 5_000; i++) {
            last = poll("aaaa.bbbb.c" + i);
            poll(OpenDoor.WORKER_KEY).get(); // behind it on the loop
        }

        ListenableFuture<PollResponse> tooMuch = last;
        Metadata trailers = Status.trailersFromThrowable(
                assertThrows(ExecutionException.class, tooMuch::get).getCause());
        com.google.rpc.Status details = com.google.rpc.Status.parseFrom(
                trailers.get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER)));
        assertEquals(
                1, details.getDetails(0).unpack(RetryInfo.class).getRetryDelay().getSeconds());
        Status refused = failure(last);
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getCode(), refused.toString());
        assertTrue(String.valueOf(refused.getDescription()).contains("512 tokens"), refused.toString());
    }
}
