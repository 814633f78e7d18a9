package io.millrace.ingest.validation;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.millrace.proto.Excerpt;
import io.millrace.proto.Ids;
import io.millrace.proto.Names;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.RefusalReason;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The checks that a request passes before it becomes a command. Each returns the checked value or throws a
 * {@link RefusedException} that names the field, what was expected and what came. Payloads never show in a text.
 */
public final class Checks {

    /** Queue of requests that name none. */
    public static final String DEFAULT_QUEUE = "default";

    /** Longest duration that a request may name, a hundred years: sums of times and durations then never overflow. */
    private static final long MAX_DURATION_MS = 100L * 365 * 24 * 3_600_000;

    private static final int SHOWN_CHARS = 80;

    /** A character that one can see: no space of any kind, nothing that only controls or formats others. */
    private static final Pattern SEEN = Pattern.compile("[^\\p{Z}\\p{C}]");

    private final Limits limits;
    private final boolean reasonRequired;

    /** @param limits what a request may hold */
    public Checks(Limits limits) {
        this(limits, false);
    }

    /** @param reasonRequired whether destructive requests have to say why */
    public Checks(Limits limits, boolean reasonRequired) {
        this.limits = limits;
        this.reasonRequired = reasonRequired;
    }

    /** @return the limits that these checks hold to */
    public Limits limits() {
        return limits;
    }

    /** @return the id */
    public UUID id(String field, String text) {
        return Ids.parse(text)
                .orElseThrow(
                        () -> RefusedException.invalid("expected a UUID as " + field + ", but got " + shown(text)));
    }

    /** Checks that the request is for the caller's own organisation. */
    public void org(Caller caller, String orgId) {
        UUID asked = id("org_id", orgId);
        if (!asked.equals(caller.orgId())) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected the organisation of the API key, " + caller.orgId() + ", as org_id, but got " + asked);
        }
    }

    /** @return the name: not empty, not too long, no control characters */
    public String name(String field, String text) {
        if (text.isEmpty()) {
            throw RefusedException.invalid("expected a text as " + field + ", but it is empty");
        }
        return nameOrEmpty(field, text);
    }

    /** @return the name, which may be empty */
    public String nameOrEmpty(String field, String text) {
        Names.fault(field, text, limits.nameChars()).ifPresent(fault -> {
            throw RefusedException.invalid(fault);
        });
        return text;
    }

    /** @return the queue, the default one where the request names none */
    public String queue(String text) {
        return text.isEmpty() ? DEFAULT_QUEUE : nameOrEmpty("queue", text);
    }

    /** @return the payload: empty, which stands for null, or one JSON value */
    public ByteString json(String field, ByteString payload) {
        if (payload.isEmpty()) {
            return payload;
        }
        if (payload.size() > limits.payloadBytes()) {
            throw RefusedException.tooMuch(
                    "expected at most " + limits.payloadBytes() + " bytes as " + field + ", but got " + payload.size());
        }
        JsonText.fault(field, payload).ifPresent(fault -> {
            throw RefusedException.invalid(fault);
        });
        return payload;
    }

    /** @return the text, within the limit of a payload */
    public String text(String field, String text) {
        // A char is at most three bytes of UTF-8, so short texts need no counting.
        if (text.length() > limits.payloadBytes() / 3) {
            int bytes = CodedOutputStream.computeStringSizeNoTag(text);
            if (bytes > limits.payloadBytes()) {
                throw RefusedException.tooMuch(
                        "expected at most " + limits.payloadBytes() + " bytes as " + field + ", but got " + bytes);
            }
        }
        return text;
    }

    /** @return the text, within the limit of a log message: it stands in a history several times over */
    public String shortText(String field, String text) {
        int bytes = CodedOutputStream.computeStringSizeNoTag(text);
        if (bytes > limits.logMessageBytes()) {
            throw RefusedException.tooMuch(
                    "expected at most " + limits.logMessageBytes() + " bytes as " + field + ", but got " + bytes);
        }
        return text;
    }

    /** @return why something destructive is asked; may be empty where that need not be said */
    public String reason(String text) {
        return reasonRequired ? neededReason(text, "which this server requires here") : shortText("reason", text);
    }

    /**
     * @param because why it has to be said, as a part of the message
     * @return why something is asked that needs a reason on each server; it has something that one can see
     */
    public String neededReason(String text, String because) {
        if (isNothing(text)) {
            throw RefusedException.invalid("expected a reason, " + because + ", but there is none");
        }
        return shortText("reason", text);
    }

    /** @return whether nobody would see anything of it: it is empty, or has only spaces and characters without a form */
    public static boolean isNothing(String text) {
        return !SEEN.matcher(text).find();
    }

    /** @return the map, within its limits */
    public Map<String, String> metadata(Map<String, String> metadata) {
        if (metadata.size() > limits.metadataEntries()) {
            throw RefusedException.tooMuch("expected at most " + limits.metadataEntries()
                    + " entries in metadata, but got " + metadata.size());
        }
        long bytes = 0;
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            name("a name in metadata", entry.getKey());
            bytes += CodedOutputStream.computeStringSizeNoTag(entry.getKey());
            bytes += CodedOutputStream.computeStringSizeNoTag(entry.getValue());
        }
        if (bytes > limits.metadataBytes()) {
            throw RefusedException.tooMuch(
                    "expected at most " + limits.metadataBytes() + " bytes of metadata, but got " + bytes);
        }
        return metadata;
    }

    /**
     * @param given whether the request names a life for its idempotency key
     * @param seconds that life
     * @return the life in milliseconds
     */
    public long keyTtlMs(boolean given, long seconds) {
        if (!given) {
            return limits.defaultKeyTtlSeconds() * 1000;
        }
        if (seconds <= 0 || seconds > limits.maxKeyTtlSeconds()) {
            throw RefusedException.invalid("expected 1 to " + limits.maxKeyTtlSeconds()
                    + " as idempotency_key_ttl_seconds, but got " + seconds);
        }
        return seconds * 1000;
    }

    /** @return the duration in milliseconds, 0 to a hundred years */
    public long durationMs(String field, long millis) {
        if (millis < 0) {
            throw RefusedException.invalid("expected 0 or more as " + field + ", but got " + millis);
        }
        return notTooLong(field, millis);
    }

    /** @return the duration in milliseconds, at most a hundred years; below 0 it is over already */
    public long notTooLong(String field, long millis) {
        if (millis > MAX_DURATION_MS) {
            throw RefusedException.invalid(
                    "expected at most " + MAX_DURATION_MS + " (a hundred years) as " + field + ", but got " + millis);
        }
        return Math.max(millis, -MAX_DURATION_MS);
    }

    /** @return the value, which is 0 to max */
    public int upTo(String field, int value, int max) {
        if (value < 0 || value > max) {
            throw RefusedException.invalid("expected 0 to " + max + " as " + field + ", but got " + value);
        }
        return value;
    }

    /** @return the text as a message may show it: short, in quotes, without control characters */
    public static String shown(String text) {
        if (text == null || text.isEmpty()) {
            return "nothing";
        }
        return "'" + Excerpt.marked(text, SHOWN_CHARS).replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
