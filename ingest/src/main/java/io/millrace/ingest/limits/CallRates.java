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
 * counted together. What relieves is counted apart from what brings work, by the same limits: a flood of starts holds up
 * nobody who ends it. Safe from any thread, never waits.
 */
public final class CallRates {

    /** Nobody is limited. */
    public static final CallRates NONE = new CallRates(Map.of(), System::nanoTime);

    /** Keys beyond so many are looked through now and then for those that asked nothing lately: they are like new ones. */
    private static final int MANY_KEYS = 10_000;

    private static final String TOKEN = "token-";

    private final Map<UUID, OrganisationLimits> limits;
    private final LongSupplier nanoClock;
    private final Map<OfOrganisation, Rates> organisations = new ConcurrentHashMap<>();
    private final ForgetfulMap<Holder, Rates> keys;
    private final ReachedLimits reached = new ReachedLimits();

    /** What a call is for. */
    public enum Purpose {
        /** To bring work, or to look at it. */
        WORK,
        /** To end work, to hold it back or have it done again, and to manage keys. */
        RELIEF
    }

    /**
     * Why a call is not let in.
     *
     * @param text names the limit and its value
     * @param pause after which there will be room; empty: there never will be
     */
    public record TooMuch(String text, Optional<Duration> pause) {}

    private record OfOrganisation(UUID orgId, Purpose purpose) {}

    private record Holder(UUID orgId, String key, Purpose purpose) {}

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
        keys = new ForgetfulMap<>(MANY_KEYS, rates -> rates.isFresh(nanoClock.getAsLong()));
    }

    /** @return how often something was refused for a limit */
    public ReachedLimits reached() {
        return reached;
    }

    /**
     * @param own limits of the key that was shown, if it has some
     * @return what the caller asks
     */
    public Asking of(Caller caller, Optional<RateLimits> own, Purpose purpose) {
        OrganisationLimits said = limits.getOrDefault(caller.orgId(), OrganisationLimits.NONE);
        RateLimits ofKey = own.orElse(said.ofEachKey());
        long now = nanoClock.getAsLong();
        return new Asking(
                caller,
                purpose,
                said.rates().limits()
                        ? organisations.computeIfAbsent(
                                new OfOrganisation(caller.orgId(), purpose), id -> Rates.of(said.rates(), now))
                        : null,
                ofKey.limits() ? ofKey(caller, ofKey, purpose, now) : null);
    }

    private @Nullable Rates ofKey(Caller caller, RateLimits ofKey, Purpose purpose, long now) {
        String credential = caller.principal().getCredential();
        if (credential.isEmpty()) {
            return null;
        }
        // A token is soon followed by another one of the same holder.
        String holder =
                credential.startsWith(TOKEN) ? "principal " + caller.principal().getId() : credential;
        return keys.compute(
                new Holder(caller.orgId(), holder, purpose),
                known -> known != null && known.limits().equals(ofKey) ? known : Rates.of(ofKey, now));
    }

    /** What one caller asks. */
    public final class Asking {

        private final Caller caller;
        private final Purpose purpose;
        private final @Nullable Rates organisation;
        private final @Nullable Rates key;

        private Asking(Caller caller, Purpose purpose, @Nullable Rates organisation, @Nullable Rates key) {
            this.caller = caller;
            this.purpose = purpose;
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

        /**
         * A call that was let in carries so much. What it lacks for that is taken from what comes next, so that a body may come while
         * there is room for any.
         *
         * @return why it is too much; empty: it may be carried out
         */
        public Optional<TooMuch> carries(long bytes) {
            Optional<TooMuch> never = tooLarge(key, Limit.KEY_PAYLOAD_BYTES, bytes)
                    .or(() -> tooLarge(organisation, Limit.ORGANISATION_PAYLOAD_BYTES, bytes));
            if (never.isPresent()) {
                return never;
            }
            long now = nanoClock.getAsLong();
            Optional<TooMuch> ofKey = borrow(key, Limit.KEY_PAYLOAD_BYTES, bytes, now);
            if (ofKey.isPresent()) {
                return ofKey;
            }
            Optional<TooMuch> ofAll = borrow(organisation, Limit.ORGANISATION_PAYLOAD_BYTES, bytes, now);
            if (ofAll.isPresent() && key != null && key.bytes() != null) {
                key.bytes().give(bytes);
            }
            return ofAll;
        }

        private Optional<TooMuch> tooLarge(@Nullable Rates rates, Limit limit, long bytes) {
            if (rates == null
                    || rates.bytes() == null
                    || bytes <= rates.limits().payloadBytes()) {
                return Optional.empty();
            }
            reached.add(limit);
            return Optional.of(new TooMuch(
                    "expected a request to carry no more than the "
                            + rates.limits().payloadBytes()
                            + " payload bytes that the " + of(limit) + " may have in a second, but it carries " + bytes
                            + ": it can never pass",
                    Optional.empty()));
        }

        private Optional<TooMuch> borrow(@Nullable Rates rates, Limit limit, long bytes, long now) {
            if (rates == null || rates.bytes() == null) {
                return Optional.empty();
            }
            long wait = rates.bytes().borrow(bytes, now);
            return wait > 0 ? Optional.of(tooMuch(limit, rates.limits(), wait)) : Optional.empty();
        }

        private TooMuch tooMuch(Limit limit, RateLimits said, long waitNanos) {
            reached.add(limit);
            boolean ofCalls = limit == Limit.KEY_CALLS || limit == Limit.ORGANISATION_CALLS;
            String where = " on this node" + (purpose == Purpose.RELIEF ? " to end, hold back or manage" : "");
            String text = ofCalls
                    ? "expected at most " + said.calls() + " calls a second of the " + of(limit) + where + ", and "
                            + (said.burst() > 0 ? said.burst() : said.calls()) + " at once, but there are more"
                    : "expected at most " + said.payloadBytes() + " payload bytes a second of the " + of(limit)
                            + " on this node, but there are more";
            return new TooMuch(text, Optional.of(Duration.ofNanos(waitNanos)));
        }

        private String of(Limit limit) {
            boolean ofKey = limit == Limit.KEY_CALLS || limit == Limit.KEY_PAYLOAD_BYTES;
            return ofKey ? "key " + caller.principal().getCredential() : "organisation '" + caller.orgSlug() + "'";
        }
    }
}
