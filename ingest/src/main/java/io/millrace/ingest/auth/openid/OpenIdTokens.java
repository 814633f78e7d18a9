package io.millrace.ingest.auth.openid;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.config.Organisation;
import io.millrace.ingest.limits.Places;
import io.millrace.proto.Ids;
import io.millrace.proto.Names;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.net.InetAddress;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For whom tokens of an OpenID issuer stand. A token is checked once, which takes some hundred microseconds, on a thread
 * for that; after that it is looked up by its hash until it expires, for ten minutes at the most. So many checks may be
 * under way, and of one address as many as it leaves free: anybody can show tokens. One that was good, and says that it still is, is
 * checked again without a place among them, and on another thread. Safe from any thread, never waits.
 */
public final class OpenIdTokens implements AutoCloseable {

    /** Three parts of Base64 with dots between: no API key of ours looks so. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** The clock of the issuer may be so far from this one: a token counts so much longer than it says. */
    private static final int CLOCKS_APART_S = 60;

    /** What waits in a queue of that length is checked within a tenth of a second. */
    private static final int MOST_CHECKS = 512;

    private static final int THREADS = 2;

    private static final int MOST_CHARS = 16 << 10;
    private static final int REMEMBERED = 10_000;
    private static final long REMEMBERED_MS = 600_000;

    private final OpenIdSettings settings;
    private final Access access;
    private final InstantSource clock;
    private final IssuerKeys keys;
    private final DefaultJWTProcessor<SecurityContext> processor;
    private final Optional<OpenIdLogin> login;
    private final Map<KeyDigest, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<KeyDigest, Known> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Places checks = new Places(MOST_CHECKS);
    private final Map<KeyDigest, CompletableFuture<Found>> underWay = new ConcurrentHashMap<>();
    private final ExecutorService checkers = Executors.newFixedThreadPool(
            THREADS,
            Thread.ofPlatform().name("millrace-tokens-", 0).daemon(true).factory());

    /** There are no more at a time than tokens that are remembered, and each of those was good. */
    private final ExecutorService checkersAgain = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("millrace-tokens-again").daemon(true).factory());

    /** @param untilMs from then on it has to be checked again */
    private record Known(Found found, long untilMs) {}

    /**
     * What came of looking at a token: for whom it stands and until when, or why it is refused.
     *
     * @param untilMs from then on it is refused, milliseconds since the epoch
     * @param unchecked whether it is refused only because there is too much to check
     */
    public record Found(
            @Nullable ApiKey holder, long untilMs, @Nullable String refused, boolean unchecked) {

        private static Found refused(String why) {
            return new Found(null, 0, why, false);
        }

        private static Found unchecked(String why) {
            return new Found(null, 0, why, true);
        }
    }

    /**
     * Begins to fetch the issuer's keys.
     *
     * @param access organisations that tokens may be of
     */
    public OpenIdTokens(OpenIdSettings settings, Access access, InstantSource clock) {
        this(settings, access, clock, new IssuerKeys(settings));
    }

    OpenIdTokens(OpenIdSettings settings, Access access, InstantSource clock, IssuerKeys keys) {
        this.settings = settings;
        this.access = access;
        this.clock = clock;
        this.keys = keys;
        DefaultJWTClaimsVerifier<SecurityContext> verifier = new DefaultJWTClaimsVerifier<>(
                settings.audience(),
                new JWTClaimsSet.Builder().issuer(settings.issuer().toString()).build(),
                Set.of("exp", settings.principalClaim()));
        verifier.setMaxClockSkew(CLOCKS_APART_S);
        processor = processor(keys::lacks);
        processor.setJWTClaimsSetVerifier(verifier);
        login = settings.console().map(console -> new OpenIdLogin(settings, console, keys, this, clock));
    }

    /**
     * @param unknown done where no key that is known fits, before it is looked a second time
     * @return what looks at signatures of the issuer, and at no claim yet
     */
    DefaultJWTProcessor<SecurityContext> processor(Runnable unknown) {
        DefaultJWTProcessor<SecurityContext> signatures = new DefaultJWTProcessor<>();
        signatures.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        signatures.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, (selector, context) -> {
            List<JWK> fitting = selector.select(keys.known());
            if (fitting.isEmpty()) {
                unknown.run();
                return selector.select(keys.known());
            }
            return fitting;
        }));
        return signatures;
    }

    /** @return how people log in to the console at the issuer, if they can */
    public Optional<OpenIdLogin> login() {
        return login;
    }

    /**
     * Asks the issuer for its keys, and waits for two answers at the most, five seconds each.
     *
     * @return how many keys it has
     * @throws RuntimeException if they cannot be had; the text says why
     */
    public static int keysOf(OpenIdSettings settings) {
        try (IssuerKeys keys = new IssuerKeys(settings)) {
            return keys.fetch().getKeys().size();
        }
    }

    /** @return whether it may be a token; API keys never are */
    public static boolean isToken(String text) {
        return text.length() <= MOST_CHARS && FORM.matcher(text).matches();
    }

    /**
     * @param token one that has the form of a token
     * @param digest its hash
     * @param from address of who shows it
     * @return done at once if it was checked lately, or there is too much to check; never fails
     */
    public CompletableFuture<Found> find(String token, KeyDigest digest, InetAddress from) {
        long now = clock.millis();
        Known before = remembered(digest);
        if (before != null && now < before.untilMs()) {
            return CompletableFuture.completedFuture(before.found());
        }
        CompletableFuture<Found> own = new CompletableFuture<>();
        CompletableFuture<Found> other = underWay.putIfAbsent(digest, own);
        if (other != null) {
            return other;
        }
        if (before != null && now < before.found().untilMs()) {
            checkLater(token, digest, own, () -> {}, checkersAgain); // strangers must not keep it from its check
            return own;
        }
        checks.enter(from)
                .ifPresentOrElse(
                        place -> checkLater(token, digest, own, place, checkers),
                        () -> end(
                                digest,
                                own,
                                Found.unchecked("expected at most " + checks.most()
                                        + " tokens to be checked at a time on this node, and of one address no more"
                                        + " than it leaves free, but this was one more")));
        return own;
    }

    private void checkLater(
            String token,
            KeyDigest digest,
            CompletableFuture<Found> checked,
            Places.Place place,
            ExecutorService threads) {
        try {
            threads.execute(() -> {
                Found found = Found.unchecked("expected to check the token, but could not");
                try {
                    found = check(token, digest);
                } finally {
                    place.leave();
                    end(digest, checked, found);
                }
            });
        } catch (RejectedExecutionException closed) {
            place.leave();
            end(digest, checked, Found.unchecked("expected to check the token, but the server is going down"));
        }
    }

    private void end(KeyDigest digest, CompletableFuture<Found> checked, Found found) {
        underWay.remove(digest, checked);
        checked.complete(found);
    }

    private @Nullable Known remembered(KeyDigest digest) {
        synchronized (known) {
            return known.get(digest);
        }
    }

    private Found forgotten(KeyDigest digest, String why) {
        synchronized (known) {
            known.remove(digest);
        }
        return Found.refused(why);
    }

    /** @return what comes of looking at it now, on this thread */
    Found check(String token, KeyDigest digest) {
        long now = clock.millis();
        try {
            JWTClaimsSet claims = processor.process(token, null);
            long end = claims.getExpirationTime().getTime() + TimeUnit.SECONDS.toMillis(CLOCKS_APART_S);
            Found found = new Found(holder(claims, digest), end, null, false);
            synchronized (known) {
                known.put(digest, new Known(found, Math.min(end, now + REMEMBERED_MS)));
            }
            return found;
        } catch (BadJOSEException | JOSEException e) {
            return forgotten(
                    digest, "expected a token of " + settings.issuer() + " that is good, but: " + e.getMessage());
        } catch (ParseException | IllegalArgumentException e) {
            return forgotten(digest, "expected a token whose claims say who it is, but " + e.getMessage());
        }
    }

    private ApiKey holder(JWTClaimsSet claims, KeyDigest digest) throws ParseException {
        String principal = claims.getStringClaim(settings.principalClaim());
        Names.fault(settings.principalClaim(), principal, Names.MAX_CHARS).ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
        Organisation organisation = organisation(claims);
        Role role = role(claims);
        return new ApiKey(
                digest,
                organisation.id(),
                Principal.newBuilder()
                        .setType(role == Role.WORKER ? Principal.Type.WORKER : Principal.Type.USER)
                        .setId(principal)
                        .setRole(role.name())
                        .setCredential(digest.publicId().replaceFirst("key-", "token-"))
                        .build(),
                Scope.WHOLE);
    }

    private Organisation organisation(JWTClaimsSet claims) throws ParseException {
        Optional<Organisation> fixed = settings.organisation().fixed().flatMap(access::organisation);
        if (fixed.isPresent()) {
            return fixed.get();
        }
        String claim = settings.organisation().claim();
        String said = claims.getStringClaim(claim);
        return access.organisations().stream()
                .filter(each -> said != null
                        && (each.slug().equals(said)
                                || Ids.parse(said).filter(each.id()::equals).isPresent()))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("its claim " + claim + " names no organisation of this server"));
    }

    /** Of several roles the one with the most rights counts: roles are declared in that order. */
    private Role role(JWTClaimsSet claims) throws ParseException {
        String claim = settings.roleClaim();
        List<String> said = claims.getClaim(claim) instanceof String one
                ? List.of(one)
                : Optional.ofNullable(claims.getStringListClaim(claim)).orElse(List.of());
        return said.stream()
                .flatMap(each -> Optional.ofNullable(settings.roles().get(each)).stream())
                .min(Role::compareTo)
                .orElseThrow(
                        () -> new IllegalArgumentException("its claim " + claim + " names no role of this server"));
    }

    @Override
    public void close() {
        checkers.shutdown(); // what is under way is checked to its end
        checkersAgain.shutdown();
        keys.close();
    }
}
