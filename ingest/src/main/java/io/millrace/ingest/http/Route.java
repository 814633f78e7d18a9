package io.millrace.ingest.http;

import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One thing that the HTTP API can do.
 *
 * @param method HTTP method
 * @param template path with places for values in braces, such as {@code /api/orgs/{slug}/workers}
 * @param open whether it is served without a key
 * @param query names of the query parameters that it reads; one that ends with a dot or a bracket stands for all
 *     that begin so
 * @param handler does it
 */
record Route(String method, String template, boolean open, List<String> query, Handler handler) {

    /** Does what a route is for. Runs on a thread of its own and may wait. */
    @FunctionalInterface
    interface Handler {
        HttpReply handle(HttpCall call);
    }

    /** @return the values of the path's places, empty where the path is not of this template's form */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> own = segments(template);
        if (own.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < own.size(); i++) {
            String part = own.get(i);
            if (part.startsWith("{")) {
                values.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(values);
    }

    /** Checks that the request has no other query parameters than the route reads: a misspelt one would do nothing. */
    void checkQuery(Set<String> names) {
        for (String name : names) {
            if (query.stream().noneMatch(known -> begins(known) ? name.startsWith(known) : name.equals(known))) {
                String expected = query.isEmpty()
                        ? "no query parameters"
                        : "only the query parameters "
                                + query.stream().map(Route::shown).collect(Collectors.joining(", "));
                throw RefusedException.invalid("expected " + expected + ", but got " + Checks.shown(name));
            }
        }
    }

    /** @return the parameter as it is written, with a name behind what others begin with */
    private static String shown(String known) {
        return known.endsWith("[") ? known + "NAME]" : known.endsWith(".") ? known + "NAME" : known;
    }

    private static boolean begins(String known) {
        return known.endsWith(".") || known.endsWith("[");
    }

    /** @return whether what it reads may be as large as a history: of what reads with a key, none is small for certain */
    boolean large() {
        return method.equals("GET") && !open;
    }

    /** @return whether its answer is read while it is written, so that it is no smaller in memory for having been read */
    boolean provesRecords() {
        return template.endsWith("/proof");
    }

    /** @return whether an answer holds payloads of one execution */
    boolean givesPayloadsOfOne() {
        return method.equals("GET") && template.contains("-executions/{id}");
    }

    /** @return whether an answer holds payloads of no single execution: errors in lists, the input of a schedule */
    boolean givesPayloadsOfMany() {
        return method.equals("GET")
                && (template.endsWith("-executions")
                        || template.endsWith("/dead-letters")
                        || template.endsWith("/schedules/{schedule}"));
    }

    /** @return whether an answer shows what stands on Kafka as it stands there: encrypted, where it is */
    boolean showsRecords() {
        return provesRecords() || template.endsWith("/audit");
    }

    /** @return number of places in the template: of two that match, the one with fewer is meant */
    int places() {
        return (int) template.chars().filter(c -> c == '{').count();
    }

    /** @return the parts between the slashes */
    static List<String> segments(String path) {
        return List.of(path.substring(1).split("/", -1));
    }
}
