package io.millrace.ingest.approvals;

import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * How a request for an action stands that somebody else has to approve, as entries of the trail tell it.
 *
 * @param request the note by which it was asked for
 * @param decision the first note that approves or refuses it and came to the log in time, if there is one
 * @param action what was carried out, if it was
 */
public record Approval(TrailEntry request, Optional<TrailEntry> decision, Optional<TrailEntry> action) {

    /** Kind of the note by which an action is asked for. */
    public static final String REQUESTED = "approval_requested";

    /** Kind of the note that approves it. */
    public static final String APPROVED = "approval_approved";

    /** Kind of the note that refuses it. */
    public static final String REFUSED = "approval_refused";

    /** Kind of the note that payloads are erased, which is what came of an approval to erase. */
    public static final String ERASED = "payloads_erased";

    /** Kind of the note that a key is made, which is what came of an approval to make one. */
    public static final String KEY_CREATED = "api_key_created";

    /** Name of the detail of a request that tells which data subject it is about. */
    public static final String SUBJECT = "subject";

    /** Name of the detail of a request that tells until when it waits. */
    public static final String EXPIRES = "expires";

    /** What the names of details begin with that tell what was asked for besides. */
    public static final String HOW = "how.";

    /** How it stands. */
    public enum Status {
        /** It waits for somebody. */
        PENDING,
        /** Somebody has approved it. */
        APPROVED,
        /** Somebody has refused it, or who asked has taken it back. */
        REFUSED,
        /** Nobody did either in time. */
        EXPIRED
    }

    /**
     * @param entries all that name the approval, in any order
     * @return nothing if none of them asks for it
     */
    public static Optional<Approval> of(List<TrailEntry> entries) {
        // Request and decisions stand in one partition: of two decisions the first one counts.
        Comparator<TrailEntry> order = Comparator.comparingLong(TrailEntry::offset);
        return entries.stream()
                .filter(entry -> REQUESTED.equals(entry.request()))
                .min(order)
                .map(request -> new Approval(
                        request,
                        entries.stream()
                                .filter(entry -> APPROVED.equals(entry.request()) || REFUSED.equals(entry.request()))
                                .filter(entry -> entry.partition() == request.partition())
                                .filter(entry ->
                                        Instant.ofEpochMilli(entry.decidedMs()).isBefore(expires(request)))
                                .min(order),
                        entries.stream()
                                .filter(entry -> entry.request() == null
                                        || entry.request().equals(ERASED)
                                        || entry.request().equals(KEY_CREATED))
                                // Also where it found nothing left to do: it need not be tried again.
                                .filter(entry -> entry.refusal() == null)
                                .findFirst()));
    }

    /** @return its id */
    public UUID id() {
        return UUID.fromString(detail(Asked.APPROVAL));
    }

    /** @return what is asked for */
    public ApprovalAction what() {
        return ApprovalAction.valueOf(detail("action"));
    }

    /** @return the data subject that it is about; empty: it is about an execution or a key */
    public Optional<String> subject() {
        return Optional.ofNullable(request.details().get(SUBJECT));
    }

    /** @return what was asked for besides, by name */
    public Map<String, String> how() {
        Map<String, String> how = new TreeMap<>();
        request.details().forEach((name, value) -> {
            if (name.startsWith(HOW)) {
                how.put(name.substring(HOW.length()), value);
            }
        });
        return how;
    }

    /** @return until when it waits */
    public Instant expires() {
        return expires(request);
    }

    private static Instant expires(TrailEntry request) {
        return Instant.parse(Objects.requireNonNull(request.details().get(EXPIRES), EXPIRES));
    }

    private String detail(String name) {
        return Objects.requireNonNull(request.details().get(name), name);
    }

    /** @return how it stands at this time */
    public Status status(Instant now) {
        if (decision.isPresent()) {
            return APPROVED.equals(decision.get().request()) ? Status.APPROVED : Status.REFUSED;
        }
        return now.isBefore(expires()) ? Status.PENDING : Status.EXPIRED;
    }
}
