package io.millrace.ingest.auth.openid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.JWKSet;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.proto.thread.Recurring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of the issuer. They are fetched every ten minutes, and within seconds when a token names one that is not
 * known. If that fails, those fetched last go on to count. Safe from any thread; asking never waits.
 */
final class IssuerKeys implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration FETCH = Duration.ofMinutes(10);
    /** Anybody can name keys that are not known. */
    private static final Duration AT_MOST = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_BYTES = 1 << 20;
    private static final int OK = 200;

    private final OpenIdSettings settings;
    private final Duration patience;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-openid").daemon(true).factory());
    private final AtomicBoolean wanted = new AtomicBoolean(true);
    private volatile JWKSet keys = new JWKSet();
    private long fetchedNanos = System.nanoTime() - FETCH.toNanos();
    private @Nullable RuntimeException failure;

    IssuerKeys(OpenIdSettings settings) {
        this(settings, PATIENCE);
    }

    /** @param patience time in which each answer has to be there, to its last byte */
    IssuerKeys(OpenIdSettings settings, Duration patience) {
        this.settings = settings;
        this.patience = patience;
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK,
                "the keys of the issuer " + settings.issuer()
                        + " cannot be fetched; those fetched before go on to count",
                this::look);
    }

    /**
     * Fetches the keys, if it is time.
     *
     * @throws RuntimeException as long as the last fetch failed: what is wrong is over only when one succeeds
     */
    synchronized void look() {
        long age = System.nanoTime() - fetchedNanos;
        if (age > FETCH.toNanos() || (failure != null || wanted.get()) && age > AT_MOST.toNanos()) {
            fetchedNanos = System.nanoTime();
            try {
                keys = fetch();
                failure = null;
                wanted.set(false);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** @return the keys as they are now; waits for two answers at the most */
    JWKSet fetch() {
        try {
            return JWKSet.parse(get(settings.keys().orElseGet(this::discovered)));
        } catch (ParseException e) {
            throw new IllegalStateException(
                    "expected a set of keys (JWKS) of the issuer " + settings.issuer() + ", but it is none", e);
        }
    }

    private URI discovered() {
        String base = settings.issuer().toString();
        URI place = URI.create((base.endsWith("/") ? base : base + "/") + ".well-known/openid-configuration");
        try {
            JsonNode said = json.readTree(get(place));
            if (!base.equals(said.path("issuer").asText())) {
                throw new IllegalStateException("expected the configuration of the issuer " + base + " at " + place
                        + ", but it is that of " + said.path("issuer").asText());
            }
            URI keysAt = URI.create(said.path("jwks_uri").asText());
            if (!OpenIdSettings.isSafe(keysAt)) {
                throw new IllegalStateException("expected an address that begins with https:// as jwks_uri at " + place
                        + ", but it is '" + keysAt + "'");
            }
            return keysAt;
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("expected an address as jwks_uri at " + place + ", but it is none", e);
        } catch (IOException e) {
            throw new UncheckedIOException("expected JSON at " + place + ", but it is none", e);
        }
    }

    private String get(URI place) {
        CompletableFuture<HttpResponse<String>> asked =
                http.sendAsync(HttpRequest.newBuilder(place).build(), head -> new LimitedBody(MOST_BYTES));
        try {
            // The limit of a request itself is over once the answer begins.
            HttpResponse<String> answer = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != OK) {
                throw new IllegalStateException(
                        "expected " + place + " to answer 200, but it answers " + answer.statusCode());
            }
            return answer.body();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "expected " + place + " to answer with at most " + MOST_BYTES + " bytes, but it does not: "
                            + e.getCause(),
                    e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "expected " + place + " to answer within " + patience.toMillis() + " ms, but it does not", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + place + " was to answer", e);
        } finally {
            asked.cancel(true);
        }
    }

    /** @return those fetched last; none before that */
    JWKSet known() {
        return keys;
    }

    /** A token names a key that is not among them: they are fetched anew soon. */
    void lacks() {
        wanted.set(true);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        http.shutdownNow();
    }
}
