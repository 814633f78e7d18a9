package io.millrace.ingest.limits;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** What is under way on this node, organisation by organisation. gRPC and HTTP are counted together. Any thread. */
public final class OrganisationLoads {

    /** Answers of a connection that are not counted, since so much waits at any client's. */
    private static final long UNCHARGED_BYTES = 64 << 10;

    /** What those without a key may have: they only ask for health and for the API's description. */
    private static final int CALLS_OF_STRANGERS = 1_000;

    private static final int CONNECTION_PARTS = 4;

    /** So many histories take as much memory as one file of proofs, whose records are there as they came and as text. */
    private static final int HISTORIES_OF_A_PROOF = 8;

    /** So many histories take as much memory as one look at the past. */
    private static final int HISTORIES_OF_A_PAST = 27;

    private static final long PAST_WAIT_MS = 10_000;

    private static final long BYTES_OF_STRANGERS = 4 << 20;

    private final LoadSettings settings;
    private final Pool calls;
    private final Pool polls;
    private final Pool streams;
    private final Pool requestBytes;
    private final Pool histories;
    private final Pool proofs;
    private final Pool unreadBytes;
    private final Pool heldBytes;
    private final Map<UUID, OrganisationLoad> byId = new ConcurrentHashMap<>();
    private final OrganisationLoad strangers;
    private final PastReads pasts;
    private final CallRates rates;

    /** @param settings what the node bears; nobody may ask only so much in a second */
    public OrganisationLoads(LoadSettings settings) {
        this(settings, CallRates.NONE);
    }

    /**
     * @param settings what the node bears
     * @param rates how much is asked in a second
     */
    public OrganisationLoads(LoadSettings settings, CallRates rates) {
        this.rates = rates;
        this.settings = settings;
        calls = new Pool(settings.calls());
        polls = new Pool(settings.polls());
        streams = new Pool(settings.streams());
        requestBytes = new Pool(settings.requestBytes());
        histories = new Pool(settings.histories());
        proofs = new Pool(Math.max(2, settings.histories() / HISTORIES_OF_A_PROOF));
        unreadBytes = new Pool(settings.unreadBytes());
        heldBytes = new Pool(settings.unreadBytes());
        pasts = new PastReads(Math.max(1, settings.histories() / HISTORIES_OF_A_PAST), PAST_WAIT_MS);
        strangers = load(
                new Pool(CALLS_OF_STRANGERS),
                new Pool(0),
                new Pool(0),
                new Pool(BYTES_OF_STRANGERS),
                new Pool(0),
                new Pool(0),
                new Pool(BYTES_OF_STRANGERS),
                new Pool(BYTES_OF_STRANGERS));
    }

    /** @return what the organisation has under way; there are as many as the file of keys names */
    public OrganisationLoad of(UUID orgId) {
        OrganisationLoad known = byId.get(orgId);
        return known != null
                ? known
                : byId.computeIfAbsent(
                        orgId,
                        id -> load(calls, polls, streams, requestBytes, histories, proofs, unreadBytes, heldBytes));
    }

    /** @return what those have under way who showed no key */
    public OrganisationLoad ofStrangers() {
        return strangers;
    }

    /** @return where looks at the past wait for each other, of all organisations */
    public PastReads pasts() {
        return pasts;
    }

    /** @return how much is asked in a second */
    public CallRates rates() {
        return rates;
    }

    /** @return calls, without those that wait for work, that one connection may have under way */
    public long callsOfAConnection() {
        return Math.max(1, settings.calls() / CONNECTION_PARTS);
    }

    /** @return event streams that may be open on this node */
    public long mostStreams() {
        return streams.size();
    }

    private OrganisationLoad load(
            Pool ofCalls,
            Pool ofPolls,
            Pool ofStreams,
            Pool ofRequests,
            Pool ofHistories,
            Pool ofProofs,
            Pool ofAnswers,
            Pool ofHeld) {
        return new OrganisationLoad(
                ofCalls.share(),
                ofPolls.share(),
                ofStreams.share(),
                ofRequests.share(),
                new Turnstile(settings.historiesOfAConnection(), 0, ofHistories.share()),
                new Turnstile(1, 0, ofProofs.share()),
                new Turnstile(settings.unreadBytesOfAConnection(), UNCHARGED_BYTES, ofAnswers.share()),
                ofHeld.share());
    }
}
