package io.millrace.ingest.auth.openid;

import com.nimbusds.jose.jwk.JWKSet;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.proto.thread.Recurring;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
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

    private final OpenIdSettings settings;
    private final IssuerHttp http;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-openid").daemon(true).factory());
    private final AtomicBoolean wanted = new AtomicBoolean(true);
    private volatile JWKSet keys = new JWKSet();
    private volatile @Nullable Discovery discovery;
    private long fetchedNanos = System.nanoTime() - FETCH.toNanos();
    private @Nullable RuntimeException failure;

    IssuerKeys(OpenIdSettings settings) {
        this(settings, IssuerHttp.PATIENCE);
    }

    /** @param patience time in which each answer has to be there, to its last byte */
    IssuerKeys(OpenIdSettings settings, Duration patience) {
        this.settings = settings;
        http = new IssuerHttp(patience);
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
        if (settings.keys().isEmpty() || settings.console().isPresent()) {
            discovery = Discovery.of(settings.issuer(), http);
        }
        try {
            return JWKSet.parse(http.get(settings.keys().orElseGet(this::discovered)));
        } catch (ParseException e) {
            throw new IllegalStateException(
                    "expected a set of keys (JWKS) of the issuer " + settings.issuer() + ", but it is none", e);
        }
    }

    private URI discovered() {
        return Objects.requireNonNull(discovery, "configuration of the issuer").address("jwks_uri");
    }

    /** @return what the issuer said of itself last; empty before that, and where nobody wants to know */
    Optional<Discovery> discovery() {
        return Optional.ofNullable(discovery);
    }

    /** @return what asks the issuer */
    IssuerHttp http() {
        return http;
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
        http.close();
    }
}
