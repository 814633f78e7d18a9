package io.millrace.ingest.limits;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.Organisation;
import io.millrace.ingest.config.OrganisationLimits;
import io.millrace.ingest.config.RateLimits;
import io.millrace.ingest.limits.ReachedLimits.Limit;
import io.millrace.proto.auth.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How much organisations, and their keys, ask of this node in a second. Other nodes count for themselves. gRPC and HTTP are
 * counted together. Safe from any thread, never waits.
 */
public final class CallRates {

    /** Nobody is limited. */
    public static final CallRates NONE = new CallRates(Map.of(), System::nanoTime);

    /** Keys beyond so many are looked through for those that asked nothing lately: they are like new ones. */
    private static final int MANY_KEYS = 10_000;

    private static final String TOKEN = "token-";

    private final Map<UUID, OrganisationLimits> limits;
    private final LongSupplier nanoClock;
    private final Map<UUID, Rates> organisations = new ConcurrentHashMap<>();
    private final Map<Holder, Rates> keys = new ConcurrentHashMap<>();
    private final ReachedLimits reached = new ReachedLimits();

    /**
     * Why a call is not let in.
     *
     * @param text names the limit and its value
     * @param pause after which there will be room
     */
    public record TooMuch(String text, Duration pause) {}

    private record Holder(UUID orgId, String key) {}

    /** Rates by the same limits. */
    private record Rates(
            RateLimits limits,
            @Nullable Rate calls,
            @Nullable Rate bytes) {

        static Rates of(RateLimits limits, long nowNanos) {
            return new Rates(
                    limits,
                    limits.calls() == 0
                            ? null
                            : new Rate(limits.calls(), limits.burst() > 0 ? limits.burst() : limits.calls(), nowNanos),
                    limits.payloadBytes() == 0
                            ? null
                            : new Rate(limits.payloadBytes(), limits.payloadBytes(), nowNanos));
        }

        boolean isFresh(long nowNanos) {
            return (calls == null || calls.isFresh(nowNanos)) && (bytes == null || bytes.isFresh(nowNanos));
        }
    }

    /** @param access what organisations may ask */
    public CallRates(Access access) {
        this(
                access.organisations().stream().collect(Collectors.toMap(Organisation::id, Organisation::limits)),
                System::nanoTime);
    }

    CallRates(Map<UUID, OrganisationLimits> limits, LongSupplier nanoClock) {
        this.limits = Map.copyOf(limits);
        this.nanoClock = nanoClock;
    }

    /** @return how often something was refused for a limit */
    public ReachedLimits reached() {
        return reached;
    }

    /**
     * @param own limits of the key that was shown, if it has some
     * @return what the caller asks
     */
    public Asking of(Caller caller, Optional<RateLimits> own) {
        OrganisationLimits said = limits.getOrDefault(caller.orgId(), OrganisationLimits.NONE);
        RateLimits ofKey = own.orElse(said.ofEachKey());
        long now = nanoClock.getAsLong();
        return new Asking(
                caller,
                said.rates().limits()
                        ? organisations.computeIfAbsent(caller.orgId(), id -> Rates.of(said.rates(), now))
                        : null,
                ofKey.limits() ? ofKey(caller, ofKey, now) : null);
    }

    private @Nullable Rates ofKey(Caller caller, RateLimits ofKey, long now) {
        String credential = caller.principal().getCredential();
        if (credential.isEmpty()) {
            return null;
        }
        // A token is soon followed by another one of the same holder.
        String holder =
                credential.startsWith(TOKEN) ? "principal " + caller.principal().getId() : credential;
        Rates found = keys.compute(
                new Holder(caller.orgId(), holder),
                (same, known) -> known != null && known.limits().equals(ofKey) ? known : Rates.of(ofKey, now));
        if (keys.size() > MANY_KEYS) {
            keys.values().removeIf(each -> each != found && each.isFresh(now));
        }
        return found;
    }

    /** What one caller asks. */
    public final class Asking {

        private final Caller caller;
        private final @Nullable Rates organisation;
        private final @Nullable Rates key;

        private Asking(Caller caller, @Nullable Rates organisation, @Nullable Rates key) {
            this.caller = caller;
            this.organisation = organisation;
            this.key = key;
        }

        /**
         * One more call.
         *
         * @return why it is too much; empty: it is let in
         */
        public Optional<TooMuch> enter() {
            long now = nanoClock.getAsLong();
            Optional<TooMuch> ofKey = take(key, Limit.KEY_CALLS, Limit.KEY_PAYLOAD_BYTES, now);
            if (ofKey.isPresent()) {
                return ofKey;
            }
            Optional<TooMuch> ofAll =
                    take(organisation, Limit.ORGANISATION_CALLS, Limit.ORGANISATION_PAYLOAD_BYTES, now);
            if (ofAll.isPresent() && key != null && key.calls() != null) {
                key.calls().give(1);
            }
            return ofAll;
        }

        private Optional<TooMuch> take(@Nullable Rates rates, Limit ofCalls, Limit ofBytes, long now) {
            if (rates == null) {
                return Optional.empty();
            }
            long wait = rates.bytes() == null ? 0 : rates.bytes().untilRoom(now);
            if (wait > 0) {
                return Optional.of(tooMuch(ofBytes, rates.limits(), wait));
            }
            wait = rates.calls() == null ? 0 : rates.calls().take(1, now);
            return wait > 0 ? Optional.of(tooMuch(ofCalls, rates.limits(), wait)) : Optional.empty();
        }

        private TooMuch tooMuch(Limit limit, RateLimits said, long waitNanos) {
            reached.add(limit);
            boolean ofKey = limit == Limit.KEY_CALLS || limit == Limit.KEY_PAYLOAD_BYTES;
            String of = ofKey ? "key " + caller.principal().getCredential() : "organisation '" + caller.orgSlug() + "'";
            boolean ofCalls = limit == Limit.KEY_CALLS || limit == Limit.ORGANISATION_CALLS;
            String text = ofCalls
                    ? "expected at most " + said.calls() + " calls a second of the " + of + " on this node, and "
                            + (said.burst() > 0 ? said.burst() : said.calls()) + " at once, but there are more"
                    : "expected at most " + said.payloadBytes() + " payload bytes a second of the " + of
                            + " on this node, but there are more";
            return new TooMuch(text, Duration.ofNanos(waitNanos));
        }

        /** A call that was let in has carried so much. */
        public void carried(long bytes) {
            long now = nanoClock.getAsLong();
            carried(key, bytes, now);
            carried(organisation, bytes, now);
        }

        private static void carried(@Nullable Rates rates, long bytes, long now) {
            if (rates != null && rates.bytes() != null) {
                rates.bytes().came(bytes, now);
            }
        }
    }
}
