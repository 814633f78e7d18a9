package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.millrace.infra.client.ClientMain;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.tls.ClientCertificates;
import io.millrace.infra.tls.NamedFile;
import io.millrace.infra.tls.TlsContent;
import io.millrace.infra.tls.TlsFiles;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.Worker;
import io.millrace.infra.worker.WorkerClient;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkerTls;
import io.millrace.ingest.config.Access;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.directory.KafkaDirectoryConfig;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.DispatcherReadsGrpc;
import io.millrace.proto.v1.ReadRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes that speak nothing but TLS: to workers, to commands, and to each other. */
class TlsAcrossNodesTest {

    private static final String ACCESS = """
            [[orgs]]
            id = "%1$s"
            slug = "dev"

            [auth.static_api_key]
            keys = [{ key = "sk-ann", org_id = "%1$s", principal_type = "User", principal_id = "ann", role = "ADMIN" }]

            [auth.client_certificates]
            principals = [
              { name = "subject:CN=billing,O=Acme", org_id = "%1$s", principal_type = "Worker", principal_id = "billing" },
              { name = "uri:spiffe://acme/bob", org_id = "%1$s", principal_type = "User", principal_id = "bob", role = "OPERATOR" },
            ]
            """.formatted(Access.DEV_ORG);

    private static TempFolder folder;
    private static TestAuthority authority;
    private static TestAuthority clients;
    private static Issued node;
    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        folder = new TempFolder();
        authority = new TestAuthority(folder.path(), "servers");
        clients = new TestAuthority(folder.path(), "clients");
        node = authority.issue("node", "CN=node", "127.0.0.1");
        server = TestServer.withoutNodes(
                Map.of(
                        "server.access_file",
                        Files.writeString(folder.path().resolve("access.toml"), ACCESS)
                                .toString(),
                        "tls.certificate_file",
                        node.certificate().toString(),
                        "tls.key_file",
                        node.key().toString(),
                        "tls.client_ca_file",
                        clients.file().toString(),
                        "tls.nodes.ca_file",
                        authority.file().toString(),
                        "tls.nodes.client_certificates",
                        "needed"),
                false);
        server.addNode("a", "ingest,dispatcher,notifier");
        server.addNode("b", "ingest,dispatcher,notifier");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        folder.close();
    }

    @Test
    void aWorkerIsKnownByItsCertificateAndACommandByItsKey() {
        Issued billing = clients.issue("billing", "CN=billing, O=Acme");
        WorkerTls tls = WorkerTls.usual().trusting(authority.file()).showing(billing.certificate(), billing.key());
        try (WorkerClient client =
                        new WorkerClient("127.0.0.1", server.node("a").grpcPort(), null, tls);
                Worker worker = new Worker(
                        client, new WorkerOptions().name("w").workflow("twice", (flow, input) -> JsonData.from(2)))) {
            Done done = run("workflow", "start", "twice", "-i", "1", "--wait", "--token", "sk-ann");

            assertEquals("2", done.expect(0).out().strip());
            try (Outcomes outcomes = new Outcomes(server.kafka())) {
                outcomes.await(
                        "what the worker did, with the name of its certificate",
                        outcome -> outcome.getPrincipal().getId().equals("billing")
                                && outcome.getPrincipal().getRole().equals("WORKER")
                                && outcome.getPrincipal().getCredential().matches("cert-[0-9a-f]{12}"));
            }
        }
    }

    @Test
    void aUserIsKnownByItsCertificateAndAWrongKeyIsRefusedAllTheSame() {
        Issued bob = clients.issue("bob", "CN=Bob", "spiffe://acme/bob");
        Issued nobody = clients.issue("nobody", "CN=Nobody");
        String[] shown = {
            "--certificate-file",
            bob.certificate().toString(),
            "--key-file",
            bob.key().toString()
        };

        run(with(shown, "queue", "list")).expect(0);
        run(with(shown, "queue", "list", "--token", "sk-nobody")).expect(6);
        Done refused = run(
                "queue",
                "list",
                "--certificate-file",
                nobody.certificate().toString(),
                "--key-file",
                nobody.key().toString());
        assertTrue(refused.expect(6).err().contains("of the client stands for nobody"), refused.err());
    }

    /** Its browser would show the certificate to whatever page asks it to. */
    @Test
    void aPageOfAnotherSiteAsksForNothingByACertificateAlone() throws Exception {
        Issued bob = clients.issue("visitor", "CN=Bob", "spiffe://acme/bob");
        SSLContext shown = TlsContent.read(
                        new TlsFiles(
                                Optional.of(new NamedFile("c", bob.certificate())),
                                Optional.of(new NamedFile("k", bob.key())),
                                Optional.of(new NamedFile("ca", authority.file())),
                                ClientCertificates.NONE),
                        Instant.now())
                .context();
        try (HttpClient browser = HttpClient.newBuilder().sslContext(shown).build()) {
            assertEquals(201, start(browser));
            assertEquals(201, start(browser, "Sec-Fetch-Site", "same-origin"));
            assertEquals(403, start(browser, "Sec-Fetch-Site", "cross-site"));
            assertEquals(403, start(browser, "Origin", "https://evil.example"));
            assertEquals(201, start(browser, "Origin", "https://evil.example", "Authorization", "Bearer sk-ann"));
        }
    }

    private static int start(HttpClient browser, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                        "https://127.0.0.1:" + server.node("a").httpPort() + "/api/orgs/dev/workflow-executions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"kind\":\"nobody\",\"input\":1}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return browser.send(request.build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void aClientThatDoesNotTrustTheServerOrSpeaksPlainTextGetsNothing() {
        int port = server.node("a").httpPort();

        Done untrusting =
                command("queue", "list", "--url", "https://127.0.0.1:" + port, "--org", "dev", "--token", "sk-ann");
        Done plain = command("queue", "list", "--url", "http://127.0.0.1:" + port, "--org", "dev", "--token", "sk-ann");

        assertTrue(untrusting.expect(4).err().contains("--ca-file names the authority"), untrusting.err());
        assertEquals(4, plain.code(), plain.err());
        try (TestClient client = new TestClient(server.node("a").grpcPort(), "sk-ann")) {
            StatusRuntimeException failure =
                    assertThrows(StatusRuntimeException.class, () -> client.start("echo", "plain"));
            assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityEndsTheConnection() throws IOException {
        // Called like the authority that the server trusts: otherwise clients keep the certificate to themselves.
        Path elsewhere = Files.createDirectory(folder.path().resolve("elsewhere"));
        Issued foreign = new TestAuthority(elsewhere, "clients").issue("foreigner", "CN=billing, O=Acme");

        Done refused = run(
                "queue",
                "list",
                "--token",
                "sk-ann",
                "--certificate-file",
                foreign.certificate().toString(),
                "--key-file",
                foreign.key().toString());

        assertEquals(4, refused.code(), refused.out());
    }

    @Test
    void nodesReadFromEachOtherAndNobodyElseDoes() throws IOException {
        ChannelCredentials trusting = TlsChannelCredentials.newBuilder()
                .trustManager(authority.file().toFile())
                .build();
        Issued stolen = authority.issue("stolen", "CN=stolen", "127.0.0.1");
        ChannelCredentials shown = TlsChannelCredentials.newBuilder()
                .trustManager(authority.file().toFile())
                .keyManager(stolen.certificate().toFile(), stolen.key().toFile())
                .build();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(run("workflow", "start", "echo", "-i", "1", "--token", "sk-ann")
                    .expect(0)
                    .out()
                    .strip());
        }

        // Of twelve, some belong to the other node.
        for (String id : ids) {
            run("workflow", "why", id, "--token", "sk-ann").expect(0);
        }
        try (KafkaDirectory directory =
                new KafkaDirectory(KafkaDirectoryConfig.defaults(server.kafka().clients()))) {
            List<DispatcherNode> nodes = List.copyOf(directory.dispatchers());
            assertEquals(2, nodes.size(), nodes.toString());
            int port = nodes.getFirst().getPort();
            assertEquals(Status.Code.UNAUTHENTICATED, read(port, shown));
            assertEquals(Status.Code.UNAVAILABLE, read(port, trusting));
            assertEquals(Status.Code.UNAVAILABLE, read(port, InsecureChannelCredentials.create()));
        }
    }

    private static Status.Code read(int port, ChannelCredentials credentials) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port, credentials).build();
        try {
            DispatcherReadsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(60, TimeUnit.SECONDS)
                    .getHistory(ReadRequest.newBuilder()
                            .setOrgId(ByteString.copyFrom(new byte[16]))
                            .setExecutionId(ByteString.copyFrom(new byte[16]))
                            .build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void newCertificatesCountForNewConnectionsAndOpenOnesGoOn() throws IOException {
        TestAuthority own = new TestAuthority(folder.path(), "renewing");
        Issued before = own.issue("renewed", "CN=before", "127.0.0.1");
        server.addNode(
                "c",
                "ingest",
                Map.of(
                        "tls.certificate_file",
                        before.certificate().toString(),
                        "tls.key_file",
                        before.key().toString(),
                        "tls.nodes.certificate_file",
                        node.certificate().toString(),
                        "tls.nodes.key_file",
                        node.key().toString()));
        int port = server.node("c").grpcPort();
        TestAuthority other = new TestAuthority(folder.path(), "other");
        try (WorkerClient open = client(port, own.file())) {
            answers(open);

            other.issue("renewed", "CN=after", "127.0.0.1");

            Await.until("the new certificate", () -> {
                try (WorkerClient trusting = client(port, other.file())) {
                    return answers(trusting) == Status.Code.NOT_FOUND;
                }
            });
            assertEquals(Status.Code.NOT_FOUND, answers(open));
            try (WorkerClient late = client(port, own.file())) {
                assertEquals(Status.Code.UNAVAILABLE, answers(late));
            }
            command(
                            "queue",
                            "list",
                            "--url",
                            "https://127.0.0.1:" + server.node("c").httpPort(),
                            "--org",
                            "dev",
                            "--token",
                            "sk-ann",
                            "--ca-file",
                            other.file().toString())
                    .expect(0);
        }
        server.stopNode("c");
    }

    private static WorkerClient client(int port, Path authority) {
        return new WorkerClient("127.0.0.1", port, "sk-ann", WorkerTls.usual().trusting(authority));
    }

    private static Status.Code answers(WorkerClient client) {
        StatusRuntimeException refusal = assertThrows(
                StatusRuntimeException.class,
                () -> client.workflows()
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .getEvents(GetEventsRequest.newBuilder()
                                .setWorkflowExecutionId("0190a5f0-0000-7000-8000-000000000001")
                                .build()));
        return refusal.getStatus().getCode();
    }

    private record Done(int code, String out, String err) {

        Done expect(int expected) {
            assertEquals(expected, code, () -> "out: " + out + "\nerr: " + err);
            return this;
        }
    }

    private static String[] with(String[] more, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Asks node a, whose authority is trusted. */
    private static Done run(String... args) {
        return command(with(
                new String[] {
                    "--url",
                    "https://127.0.0.1:" + server.node("a").httpPort(),
                    "--org",
                    "dev",
                    "--ca-file",
                    authority.file().toString()
                },
                args));
    }

    private static Done command(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = ClientMain.execute(
                args,
                new Invocation(
                        Map.of(),
                        folder.path(),
                        new ByteArrayInputStream("".getBytes(StandardCharsets.UTF_8)),
                        new Screen(0, false),
                        InstantSource.system(),
                        ZoneOffset.UTC),
                new PrintWriter(out),
                new PrintWriter(err));
        return new Done(code, out.toString(), err.toString());
    }
}
