package io.millrace.ingest.standin;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.millrace.ingest.AuditSettings;
import io.millrace.ingest.FrontDoor;
import io.millrace.ingest.FrontDoorConfig;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.AccessFile;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.http.HttpSettings;
import io.millrace.ingest.http.NodeStatus;
import io.millrace.ingest.operations.StampedSettings;
import io.millrace.ingest.validation.Limits;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.standin.MemoryDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A front door on real sockets of 127.0.0.1, with stand-ins behind it. */
public final class OpenDoor implements AutoCloseable {

    /** Organisation {@code alpha}. */
    public static final UUID ALPHA = UUID.fromString("11111111-1111-4111-8111-111111111111");

    /** Organisation {@code beta}. */
    public static final UUID BETA = UUID.fromString("22222222-2222-4222-8222-222222222222");

    /** Key of a user of alpha, ADMIN. */
    public static final String USER_KEY = "sk-alpha-user-secret";

    /** Key of a worker of alpha. */
    public static final String WORKER_KEY = "sk-alpha-worker-secret";

    /** Key of a user of alpha, MEMBER. */
    public static final String MEMBER_KEY = "sk-alpha-member-secret";

    /** Key of a user of beta, OWNER. */
    public static final String BETA_KEY = "sk-beta-user-secret";

    /** Configuration with all of them. */
    public static final String TOML = """
            [[orgs]]
            id = "11111111-1111-4111-8111-111111111111"
            name = "Alpha"
            slug = "alpha"
            tier = "FREE"

            [[orgs]]
            id = "22222222-2222-4222-8222-222222222222"
            name = "Beta"
            slug = "beta"
            tier = "FREE"

            [auth]
            enabled = true

            [auth.static_api_key]
            keys = [
              { key = "sk-alpha-user-secret", org_id = "11111111-1111-4111-8111-111111111111", principal_type = "User", principal_id = "ann", role = "ADMIN" },
              { key = "sk-alpha-worker-secret", org_id = "11111111-1111-4111-8111-111111111111", principal_type = "Worker", principal_id = "mill" },
              { key = "sk-alpha-member-secret", org_id = "11111111-1111-4111-8111-111111111111", principal_type = "User", principal_id = "mia", role = "MEMBER" },
              { key = "sk-beta-user-secret", org_id = "22222222-2222-4222-8222-222222222222", principal_type = "User", principal_id = "bob", role = "OWNER" },
            ]

            [auth.endpoints.http]
            authenticators = ["static_api_key"]
            authorizer = "cedar"

            [auth.endpoints.grpc]
            authenticators = ["static_api_key"]
            authorizer = "cedar"
            """;

    /** The parts behind the door. */
    public final ScriptedLog log = new ScriptedLog();

    /** What the dispatchers know. */
    public final MemoryReads reads = new MemoryReads();

    /** What the read model knows. */
    public final MemoryQueries queries = new MemoryQueries();

    /** Registered workers. */
    public final MemoryDirectory directory = new MemoryDirectory();

    /** Where tasks belong. */
    public final TaskHomes places = new TaskHomes(1_000);

    /** Sees each answer of gRPC before it leaves, on the thread that answers. */
    public volatile Consumer<Object> answering = answer -> {};

    /** What {@code /_/ready} waits for; null: nothing. */
    public volatile String waitingFor;

    private final FrontDoor door;
    private final Server grpc;
    private final ManagedChannel channel;
    private final InetSocketAddress http;
    private final HttpClient client = HttpClient.newHttpClient();

    private OpenDoor(FrontDoorConfig config) throws IOException {
        door = new FrontDoor(config, log, reads, directory, places, queries);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .directExecutor()
                .maxInboundMessageSize(8 << 20)
                .intercept(door.authInterceptor())
                .intercept(seen());
        for (ServerServiceDefinition service : door.services()) {
            builder.addService(service);
        }
        grpc = builder.addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", grpc.getPort())
                .usePlaintext()
                .directExecutor()
                .build();
        http = door.startHttp(
                new NodeStatus("node-7", Path.of("/data"), () -> Optional.ofNullable(waitingFor)),
                () -> "figures 1\n",
                Optional.empty());
    }

    private ServerInterceptor seen() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return next.startCall(
                        new SimpleForwardingServerCall<>(call) {
                            @Override
                            public void sendMessage(A answer) {
                                answering.accept(answer);
                                super.sendMessage(answer);
                            }
                        },
                        headers);
            }
        };
    }

    /** @return what lets in who has a key of these; none is made while it runs */
    public static Authenticator authenticator(Access access) {
        return new Authenticator(
                access,
                IssuedKeys.follow(access, CommandMacs.OFF, new MemoryDirectory(), InstantSource.system()),
                Optional.empty(),
                InstantSource.system());
    }

    /** Opens a door for both organisations. */
    public static OpenDoor open() throws IOException {
        return open(AccessFile.parse(TOML));
    }

    /** Opens a door with these organisations. */
    public static OpenDoor open(Access access) throws IOException {
        return open(access, AuditSettings.USUAL);
    }

    /** Opens a door with these organisations, and does this for the audit. */
    public static OpenDoor open(Access access, AuditSettings audit) throws IOException {
        return new OpenDoor(new FrontDoorConfig(
                access,
                Limits.defaults(),
                StampedSettings.defaults(),
                new HttpSettings("127.0.0.1", 0, 2 << 20, 10),
                Duration.ofSeconds(330),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                audit));
    }

    /** @return the gRPC methods that the door serves */
    public List<ServerServiceDefinition> services() {
        return door.services();
    }

    /** @return the channel to the gRPC server, without a key */
    public ManagedChannel channel() {
        return channel;
    }

    /** @return the stub with the key */
    public static <T extends AbstractStub<T>> T with(T stub, String key) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
        return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** @return the port of HTTP */
    public int httpPort() {
        return http.getPort();
    }

    /** Sends an HTTP request with a user's key of alpha. */
    public HttpResponse<String> http(String method, String path, String body) throws IOException, InterruptedException {
        return send(request(method, path, body).header("Authorization", "Bearer " + USER_KEY));
    }

    /** @return a request to this door, without a key */
    public HttpRequest.Builder request(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.getPort() + path));
        if (body == null) {
            return request.method(method, HttpRequest.BodyPublishers.noBody());
        }
        return request.method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
    }

    /** @return the answer, which is as the description of the API says */
    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        ApiDocument.check(response);
        return response;
    }

    /** Ends all waits, as a server that stops. */
    public void stopWaits() {
        door.stopWaits();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        grpc.shutdownNow();
        client.close();
        door.close();
    }
}
