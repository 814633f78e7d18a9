package io.millrace.ingest.http;

import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.search.Completion;
import io.millrace.ingest.search.Completions;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.SearchFault;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Queries over HTTP: what lists are asked for by, how many there are, and what may be written next. */
final class SearchRoutes {

    /** The parameter that holds a query. */
    static final String QUERY = "q";

    private static final String BY = "by";
    private static final String AT = "at";

    /** Names of the parameters that {@link #completions} reads. */
    static final List<String> COMPLETIONS = List.of(QUERY, AT);

    private final ExecutionQueries queries;

    SearchRoutes(ExecutionQueries queries) {
        this.queries = queries;
    }

    /** @return names of the parameters that counts read: those of the list, but not which part of it */
    static List<String> ofCounts(List<String> list) {
        return Stream.concat(
                        list.stream().filter(name -> !name.equals("limit") && !name.equals("cursor")), Stream.of(BY))
                .toList();
    }

    /**
     * @return what the query asks for; all without one
     * @throws HttpException that says where it is wrong
     */
    static Search search(HttpCall call, Subject subject) {
        return call.parameter(QUERY).map(text -> search(subject, text)).orElseGet(() -> Search.all(subject));
    }

    /**
     * @return what the text asks for
     * @throws HttpException that says where it is wrong
     */
    static Search search(Subject subject, String text) {
        try {
            return Search.parse(subject, text);
        } catch (SearchFault fault) {
            throw new HttpException(fault);
        }
    }

    /** @return by what is counted, by status where nothing is said */
    static Grouping grouping(HttpCall call) {
        return call.parameter(BY)
                .map(text -> Arrays.stream(Grouping.values())
                        .filter(by -> name(by).equals(text))
                        .findFirst()
                        .orElseThrow(() -> RefusedException.invalid(
                                "expected status, kind or queue as by, but got " + Checks.shown(text))))
                .orElse(Grouping.STATUS);
    }

    private static String name(Grouping by) {
        return by.name().toLowerCase(Locale.ROOT);
    }

    static HttpReply counts(Counts counts, Grouping by) {
        return HttpReply.json(
                200,
                Json.object(json -> json.number("total", counts.total())
                        .text("by", name(by))
                        .objects(
                                "groups",
                                counts.groups(),
                                (item, group) ->
                                        item.text("value", group.value()).number("count", group.count()))));
    }

    /** What is not right is part of the answer and no error: whoever still writes is always in the midst of something. */
    HttpReply completions(HttpCall call, Subject subject) {
        String text = call.parameter(QUERY).orElse("");
        int at = call.parameter(AT).map(place -> place(place, text)).orElse(text.length());
        Completions found = Completions.at(subject, text, at);
        List<String> values = found.valueOf() == null
                ? List.of()
                : queries.values(
                                call.asked().caller().orgId(),
                                subject,
                                Grouping.valueOf(found.valueOf().name().toUpperCase(Locale.ROOT)),
                                found.written())
                        .join();
        List<Completion> items = Stream.concat(
                        found.items().stream(), values.stream().map(Completions::value))
                .toList();
        return HttpReply.json(200, Json.object(json -> {
            json.number("from", found.from())
                    .number("to", found.to())
                    .objects(
                            "completions",
                            items,
                            (item, completion) -> item.text("text", completion.text())
                                    .text("about", completion.about())
                                    .text("type", completion.type().name()));
            fault(json, subject, text);
        }));
    }

    private static void fault(Json json, Subject subject, String text) throws IOException {
        try {
            Search.parse(subject, text);
            json.text("fault", null);
        } catch (SearchFault fault) {
            json.object(
                    "fault",
                    item -> item.text("message", fault.getMessage())
                            .number("position", fault.position())
                            .number("length", fault.length()));
        }
    }

    /** Behind the end is the end: what is asked for a text that was longer a moment ago is no mistake. */
    private static int place(String place, String text) {
        if (!place.matches("0|[1-9][0-9]{0,17}")) {
            throw RefusedException.invalid(
                    "expected a place in the query as at, 0 or more, but got " + Checks.shown(place));
        }
        return Math.toIntExact(Math.min(Long.parseLong(place), text.length()));
    }
}
