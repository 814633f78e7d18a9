package io.millrace.ingest.auth.openid;

import com.nimbusds.jose.jwk.JWKSet;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.proto.thread.Recurring;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of the issuer. They are fetched every ten minutes, and within seconds when a token names one that is not
 * known. If that fails, those fetched last go on to count. Where the console has people log in, what the issuer says of
 * itself is fetched as often. Safe from any thread; asking for what is known never waits.
 */
final class IssuerKeys implements AutoCloseable {

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration FETCH = Duration.ofMinutes(10);
    /** Anybody can name keys that are not known. */
    private static final Duration AT_MOST = Duration.ofSeconds(5);

    private final OpenIdSettings settings;
    private final Duration atMost;
    private final IssuerHttp http;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-openid").daemon(true).factory());
    private final AtomicBoolean wanted = new AtomicBoolean(true);
    private volatile JWKSet keys = new JWKSet();
    private volatile @Nullable Discovery discovery;
    private long fetchedNanos = System.nanoTime() - FETCH.toNanos();
    private @Nullable RuntimeException noKeys;
    private @Nullable RuntimeException noDiscovery;

    IssuerKeys(OpenIdSettings settings) {
        this(settings, IssuerHttp.PATIENCE, AT_MOST);
    }

    /**
     * @param patience time in which each answer has to be there, to its last byte
     * @param atMost time from one fetch to the next, also for keys that are not known
     */
    IssuerKeys(OpenIdSettings settings, Duration patience, Duration atMost) {
        this.settings = settings;
        this.atMost = atMost;
        http = new IssuerHttp(patience);
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK,
                "the issuer " + settings.issuer()
                        + " does not give its keys, or does not say where people log in; what it said before goes on to count",
                this::look);
    }

    /**
     * Fetches the keys, if it is time.
     *
     * @throws RuntimeException as long as the last fetch failed: what is wrong is over only when one succeeds
     */
    synchronized void look() {
        fetchIfTime();
        if (noKeys != null) {
            throw noKeys;
        }
        if (noDiscovery != null) {
            throw noDiscovery;
        }
    }

    /**
     * Fetches the keys for a token that names one that is not among them, unless they have just been fetched. Waits for the
     * issuer.
     *
     * @throws RuntimeException if the last fetch failed
     */
    synchronized void lookForMore() {
        lacks();
        fetchIfTime();
        if (noKeys != null) {
            throw noKeys;
        }
    }

    private synchronized void fetchIfTime() {
        long age = System.nanoTime() - fetchedNanos;
        boolean soon = wanted.get() || noKeys != null || noDiscovery != null;
        if (age <= FETCH.toNanos() && (!soon || age <= atMost.toNanos())) {
            return;
        }
        fetchedNanos = System.nanoTime();
        wanted.set(false);
        noKeys = failure(() -> keys = fetch());
        // Apart from the keys: whoever has a token gets in, though nobody can log in.
        noDiscovery = settings.keys().isPresent() && settings.console().isPresent() ? failure(this::discover) : null;
    }

    private static @Nullable RuntimeException failure(Runnable fetch) {
        try {
            fetch.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** @return the keys as they are now; waits for two answers at the most */
    JWKSet fetch() {
        URI place = settings.keys().orElseGet(() -> discover().address("jwks_uri"));
        try {
            return JWKSet.parse(http.get(place));
        } catch (ParseException e) {
            throw new IllegalStateException(
                    "expected a set of keys (JWKS) of the issuer " + settings.issuer() + ", but it is none", e);
        }
    }

    private Discovery discover() {
        Discovery said = Discovery.of(settings.issuer(), http);
        discovery = said;
        return said;
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
