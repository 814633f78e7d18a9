package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.rpc.RetryInfo;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.infra.testing.TestSubscriber;
import io.millrace.proto.flovyn.v1.PollResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keys and tokens have opened ends with them, on a whole server whose tokens are of an issuer on loopback. */
class CredentialEndsTest {

    private static final String DEV = "550e8400-e29b-41d4-a716-446655440000";

    /** What clocks may be apart: so much longer a token counts than it says. */
    private static final long CLOCKS_APART_MS = 60_000;

    @TempDir
    private static Path folder;

    private static ECKey signing;
    private static HttpServer issuer;
    private static String place;
    private static TestServer server;
    private static TestHttp admin;
    private static HttpClient http;

    @BeforeAll
    static void start() throws IOException, JOSEException {
        signing = new ECKeyGenerator(Curve.P_256).keyID("first").generate();
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        place = "http://127.0.0.1:" + issuer.getAddress().getPort();
        byte[] keys = new JWKSet(signing.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
        issuer.createContext("/keys", exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        issuer.start();
        Path access = Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%1$s"
                slug = "dev"
                [auth.static_api_key]
                keys = [{ key = "admin", org_id = "%1$s", principal_type = "User", principal_id = "ann", role = "ADMIN" }]
                [auth.openid]
                issuer = "%2$s"
                jwks_url = "%2$s/keys"
                audience = "millrace"
                org_id = "%1$s"
                role_claim = "groups"
                roles = [{ value = "workers", role = "WORKER" }]
                """.formatted(DEV, place));
        server = TestServer.start(Map.of("server.access_file", access.toString()), false);
        admin = new TestHttp("admin");
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        http.close();
        admin.close();
        server.close();
        issuer.stop(0);
    }

    private static JsonNode key(String json) {
        TestHttp.Answer made = admin.post(server.http("/api/orgs/dev/keys"), json);
        assertEquals(201, made.status(), () -> made.body().toString());
        return made.body();
    }

    private static void change(JsonNode key, String how, String json) {
        TestHttp.Answer done =
                admin.post(server.http("/api/orgs/dev/keys/" + key.get("id").textValue() + "/" + how), json);
        assertEquals(200, done.status(), () -> done.body().toString());
    }

    /** @return the status with which a poll ends that waits for nothing */
    private static CompletableFuture<Status> parked(TestClient client, String queue) {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        long before = parkedPolls();
        client.openWorkflows().pollWorkflow(TestClient.pollRequest("w", queue, 60), new StreamObserver<>() {
            @Override
            public void onNext(PollResponse value) {
                ended.complete(Status.OK);
            }

            @Override
            public void onError(Throwable failure) {
                ended.complete(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        });
        Await.until("the poll to park", () -> ended.isDone() || parkedPolls() > before);
        return ended;
    }

    private static long parkedPolls() {
        return server.node(TestServer.FIRST).notifierStats().orElseThrow().parkedPolls();
    }

    private static CompletableFuture<HttpResponse<String>> asked(String secret, String path) {
        return http.sendAsync(
                HttpRequest.newBuilder(server.http(path))
                        .header("Authorization", "Bearer " + secret)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String token(long untilMs) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("first").build(),
                new JWTClaimsSet.Builder()
                        .issuer(place)
                        .audience("millrace")
                        .subject("worker-of-the-issuer")
                        .expirationTime(new Date(untilMs))
                        .claim("groups", List.of("workers"))
                        .build());
        token.sign(new ECDSASigner(signing));
        return token.serialize();
    }

    @Test
    void aRevokedKeyEndsItsPollItsSubscriptionItsStreamAndItsWait() throws Exception {
        JsonNode worker = key("{\"principalType\":\"WORKER\",\"principalId\":\"billing\"}");
        JsonNode member = key("{\"principalType\":\"USER\",\"principalId\":\"bob\",\"role\":\"MEMBER\"}");
        String secret = member.get("secret").textValue();
        try (TestClient billing =
                        server.client(TestServer.FIRST, worker.get("secret").textValue());
                TestClient other = server.client(TestServer.FIRST, "admin")) {
            String path = "/api/orgs/dev/workflow-executions/" + other.start("echo", "nobody");
            CompletableFuture<HttpResponse<String>> stream = asked(secret, path + "/stream");
            CompletableFuture<HttpResponse<String>> wait = asked(secret, path + "?wait=30s");
            CompletableFuture<Status> poll = parked(billing, "idle");
            try (TestSubscriber subscriber = new TestSubscriber(billing, "w", "idle")) {
                Await.until("the subscription to stand", () -> subscriptions() > 0);

                change(worker, "revoke", "{\"reason\":\"leaked\"}");
                change(member, "revoke", "{\"reason\":\"leaked\"}");

                Status ended = poll.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
                assertEquals(Status.Code.UNAUTHENTICATED, ended.getCode(), ended.toString());
                assertTrue(String.valueOf(ended.getDescription()).contains("was revoked"), ended.toString());
                assertEquals(
                        Status.Code.UNAUTHENTICATED, failure(subscriber.ended()).getCode());
            }
            Await.until("the poll to be gone", () -> parkedPolls() == 0);
            HttpResponse<String> streamed = stream.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertTrue(
                    streamed.body()
                            .strip()
                            .lines()
                            .reduce((before, last) -> last)
                            .orElse("")
                            .startsWith("data: {\"type\":\"Unauthenticated\",\"message\":\"expected an API key"),
                    streamed.body());
            HttpResponse<String> waited = wait.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertEquals(401, waited.statusCode(), waited.body());
        }
    }

    private static long subscriptions() {
        return server.node(TestServer.FIRST).notifierStats().orElseThrow().subscriptions();
    }

    private static Status failure(CompletableFuture<Void> ended) throws Exception {
        try {
            ended.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            return Status.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause());
        }
    }

    @Test
    void anotherKeyThatExpiresEndsItsPollAndOneThatGoesOnKeepsIts() throws Exception {
        JsonNode ending = key("{\"principalType\":\"WORKER\",\"principalId\":\"ending\"}");
        JsonNode lasting = key("{\"principalType\":\"WORKER\",\"principalId\":\"lasting\"}");
        try (TestClient one =
                        server.client(TestServer.FIRST, ending.get("secret").textValue());
                TestClient two =
                        server.client(TestServer.FIRST, lasting.get("secret").textValue());
                TestClient user = server.client(TestServer.FIRST, "admin")) {
            CompletableFuture<Status> first = parked(one, "shared");
            CompletableFuture<Status> second = parked(two, "shared");

            change(ending, "expire", "{\"expiresInMs\":1}");

            Status ended = first.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertEquals(Status.Code.UNAUTHENTICATED, ended.getCode(), ended.toString());
            user.start("echo", "shared");
            assertEquals(Status.OK, second.get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void aTokenEndsItsPollWhenItExpires() throws Exception {
        String lasting = token(System.currentTimeMillis() + 600_000);
        try (TestClient client = server.client(TestServer.FIRST, lasting)) {
            // The keys of the issuer are fetched on a thread of their own.
            Await.until("the token to be known", () -> opens(client));
        }
        String ending = token(System.currentTimeMillis() - CLOCKS_APART_MS + 4_000);
        try (TestClient client = server.client(TestServer.FIRST, ending)) {
            Status ended = parked(client, "tokens").get(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);

            assertEquals(Status.Code.UNAUTHENTICATED, ended.getCode(), ended.toString());
        }
    }

    private static boolean opens(TestClient client) {
        try {
            client.poll("w", "tokens", 0);
            return true;
        } catch (StatusRuntimeException e) {
            assertEquals(Status.Code.UNAUTHENTICATED, e.getStatus().getCode());
            return false;
        }
    }

    @Test
    void aKeyBeyondItsLimitIsToldWhenToTryAgainAndItsWorkersReportAllTheSame() throws Exception {
        JsonNode limited =
                key("{\"principalType\":\"WORKER\",\"principalId\":\"heavy\",\"payloadBytesPerSecond\":100000}");
        assertEquals(100_000, limited.get("payloadBytesPerSecond").intValue());
        String secret = limited.get("secret").textValue();
        try (TestClient heavy = server.client(TestServer.FIRST, secret)) {
            String id = large(heavy, "heavy");

            StatusRuntimeException refused = Await.found("a refusal", () -> refusal(heavy));
            assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused.getStatus().getCode());
            assertTrue(
                    refused.getMessage().contains("at most 100000 payload bytes a second of the key key-"),
                    refused.getMessage());
            RetryInfo retry = com.google.rpc.Status.parseFrom(Status.trailersFromThrowable(refused)
                            .get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER)))
                    .getDetails(0)
                    .unpack(RetryInfo.class);
            assertTrue(retry.getRetryDelay().getSeconds() < 2, retry.toString());
            HttpResponse<String> overHttp = Await.found("a refusal over HTTP", () -> {
                refusal(heavy);
                HttpResponse<String> answer = asked(secret, "/api/orgs/dev/workflow-executions/" + id)
                        .orTimeout(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)
                        .join();
                return answer.statusCode() == 429 ? Optional.of(answer) : Optional.empty();
            });
            assertTrue(
                    Long.parseLong(overHttp.headers().firstValue("Retry-After").orElse("0")) > 0);

            assertEquals(id, heavy.poll("w", "heavy", 60).orElseThrow().getId());
            heavy.complete(id, "1");
            Await.until("the history", () -> {
                try {
                    return heavy.eventTypes(id).getLast().equals("WORKFLOW_COMPLETED");
                } catch (StatusRuntimeException e) {
                    return false; // it is a question like others
                }
            });
        }
    }

    /** Nearly as much as the key may send in a second. */
    private static String large(TestClient client, String queue) {
        return client.workflows()
                .startWorkflow(TestClient.startRequest("echo", queue)
                        .setInput(ByteString.copyFromUtf8("\"" + "x".repeat(90_000) + "\""))
                        .build())
                .getWorkflowExecutionId();
    }

    /** @return why a large start was not let in; what is let in makes a debt for those behind it, of a second at most */
    private static Optional<StatusRuntimeException> refusal(TestClient client) {
        try {
            large(client, "elsewhere");
            return Optional.empty();
        } catch (StatusRuntimeException e) {
            return Optional.of(e);
        }
    }
}
