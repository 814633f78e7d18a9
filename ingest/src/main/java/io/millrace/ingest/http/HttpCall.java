package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Names;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request that has found its route.
 *
 * @param request who asks; null on routes that are open to all
 * @param path values of the path's places
 * @param query parameters behind the question mark
 * @param body the body, which may be empty
 * @param lastEventId last event that the caller has of a stream, or null
 * @param ifMatch as what the caller saw the thing that it wants changed: header If-Match, or null
 * @param near whether it comes from this machine, and from no proxy on it
 */
record HttpCall(
        @Nullable Request request,
        Map<String, String> path,
        Map<String, String> query,
        ByteString body,
        @Nullable String lastEventId,
        @Nullable String ifMatch,
        boolean near) {

    /** Query parameter that says as what the caller saw an execution. */
    static final String SEQUENCE = "sequence";

    /** Query parameter that says as what the caller saw what is said of a queue or kind. */
    static final String VERSION = "version";

    /** @return the body's fields, of which only these may be present; an empty body has none */
    JsonFields fields(String... known) {
        return JsonFields.ofRequest(body.isEmpty() ? ByteString.copyFromUtf8("{}") : body)
                .only(Set.of(known));
    }

    /** @return the query parameter, empty where it is absent; one without a value is refused, for it would ask for nothing */
    Optional<String> parameter(String name) {
        String value = query.get(name);
        if (value != null && value.isEmpty()) {
            throw RefusedException.invalid("expected a value of the query parameter " + name + ", but it is empty");
        }
        return Optional.ofNullable(value);
    }

    /**
     * @param known all that it may be
     * @return the query parameter
     */
    Optional<String> oneOf(String name, List<String> known) {
        Optional<String> value = parameter(name);
        value.filter(text -> !known.contains(text)).ifPresent(text -> {
            throw RefusedException.invalid(
                    "expected one of " + String.join(", ", known) + " as " + name + ", but got " + Checks.shown(text));
        });
        return value;
    }

    /** @return the query parameter, which is a name */
    Optional<String> name(String name) {
        Optional<String> value = parameter(name);
        value.flatMap(text -> Names.fault(name, text, Names.MAX_CHARS)).ifPresent(fault -> {
            throw RefusedException.invalid(fault);
        });
        return value;
    }

    /**
     * @return last of the history as the caller saw it, which the query parameter {@code sequence} or the header If-Match says; 0:
     *     neither does
     */
    int expectedSequence() {
        return expected(SEQUENCE, "the number of a history's last event, 1 or more,", 1, Integer.MAX_VALUE)
                .map(Math::toIntExact)
                .orElse(0);
    }

    /**
     * @return version of what is to be changed as the caller saw it, which the query parameter {@code version} or the header
     *     If-Match says; empty: neither does
     */
    OptionalLong expectedVersion() {
        return expected(VERSION, "a version, 0 or more,", 0, Long.MAX_VALUE)
                .map(OptionalLong::of)
                .orElseGet(OptionalLong::empty);
    }

    /** @return the number that the query parameter or the header If-Match says, empty where neither does */
    private Optional<Long> expected(String parameter, String what, long least, long most) {
        Optional<Long> asked = parameter(parameter).map(text -> number(parameter, text, text, what, least, most));
        Optional<Long> match = Optional.ofNullable(ifMatch)
                .map(String::strip)
                .map(text -> number("If-Match", text, unquoted(text), what, least, most));
        if (asked.isPresent() && match.isPresent() && !asked.equals(match)) {
            throw RefusedException.invalid("expected the same number as " + parameter + " and as If-Match, but got "
                    + asked.get() + " and " + match.get());
        }
        return asked.or(() -> match);
    }

    private static long number(String name, String shown, String digits, String what, long least, long most) {
        try {
            long number = Long.parseLong(digits);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // It is told below.
        }
        throw RefusedException.invalid("expected " + what + " as " + name + ", but got " + Checks.shown(shown));
    }

    private static String unquoted(String text) {
        return text.matches("\"[^\"]*\"") ? text.substring(1, text.length() - 1) : text;
    }

    /**
     * @return the request of somebody whose key was checked
     * @throws NullPointerException on a path that needs no key
     */
    Request asked() {
        return Objects.requireNonNull(request, "request of a path that needs a key");
    }

    /**
     * @return the part of the path
     * @throws NullPointerException if the path has none of the name
     */
    String part(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /** @return the organisation of the caller, as requests name it */
    String orgId() {
        return asked().caller().orgId().toString();
    }
}
