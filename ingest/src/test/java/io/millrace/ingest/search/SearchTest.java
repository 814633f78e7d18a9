package io.millrace.ingest.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The language of queries: what it takes, and what it says of the rest. */
class SearchTest {

    private static String read(String text) {
        return Search.parse(Subject.WORKFLOWS, text).written();
    }

    private static SearchFault fault(String text) {
        return assertThrows(SearchFault.class, () -> Search.parse(Subject.WORKFLOWS, text), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "status = failed | status = FAILED",
                "STATUS != Failed | NOT status = FAILED",
                "status IN (FAILED, cancelled) | status IN (FAILED, CANCELLED)",
                "kind not in ('a', b) | NOT kind IN (\"a\", \"b\")",
                "kind = order | kind = \"order\"",
                "kind = and and queue=or | kind = \"and\" AND queue = \"or\"",
                "kind = a OR kind = b AND queue = c | kind = \"a\" OR (kind = \"b\" AND queue = \"c\")",
                "(kind = a OR kind = b) AND queue = c | (kind = \"a\" OR kind = \"b\") AND queue = \"c\"",
                "not (kind = a) and queue = c | NOT kind = \"a\" AND queue = \"c\"",
                "error ~ 'time*out' | error ~ \"time*out\"",
                "error!~x | NOT error ~ \"x\"",
                "created > -2h | created > -7200000ms",
                "created >= -1d12h | created >= -129600000ms",
                "created < now | created < -0ms",
                "created >= 2031-05-01 | created >= 2031-05-01T00:00:00Z",
                "created < 2031-05-01T12:00:00.5+02:00 | created < 2031-05-01T10:00:00.500Z",
                "ended is null | ended IS NULL",
                "ended IS NOT NULL | NOT ended IS NULL",
                "duration > 1.5s | duration > 1500ms",
                "attempt >= 2 | attempt >= 2",
                "metadata.team = red | metadata.team = \"red\"",
                "METADATA.\"my key\" IS NULL | metadata.\"my key\" IS NULL",
                "id = 0190F0C0-0000-7000-8000-000000000001 | id = 0190f0c0-0000-7000-8000-000000000001"
            })
    void takesWhatItIsFor(String text, String written) {
        assertEquals(written + " ORDER BY created DESC", read(text));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "order by ended | ORDER BY ended ASC",
                "ORDER BY duration desc | ORDER BY duration DESC",
                "queue = q ORDER BY attempt ASC | queue = \"q\" ORDER BY attempt ASC"
            })
    void takesAnOrder(String text, String written) {
        assertEquals(written, read(text));
    }

    @Test
    void aBlankQueryAsksForAll() {
        assertEquals(Search.all(Subject.WORKFLOWS), Search.parse(Subject.WORKFLOWS, " \t"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "stauts = FAILED | 0 | 6 | metadata.NAME), such as status, but got 'stauts'",
                "createdAt > -2h | 0 | 9 | such as created, but got 'createdAt'",
                "status = DONE | 9 | 4 | expected PENDING, RUNNING, WAITING, COMPLETED, FAILED, CANCELLED or CONTINUED_AS_NEW as status, but got 'DONE'",
                "status > FAILED | 7 | 1 | expected one of =, !=, IN, NOT IN behind status, but got '>'",
                "status == FAILED | 7 | 2 | expected = to compare, but got ==",
                "kind | 4 | 0 | expected one of =, !=, ~, !~, IN, NOT IN behind kind, but the query ends",
                "kind = | 6 | 0 | expected a text, in quotes where it has blanks as kind, but the query ends",
                "kind = 'a | 7 | 2 | expected ' at the end of the text that it begins",
                "kind = a b | 9 | 1 | expected AND, OR, ORDER BY or the end of the query, but got 'b'",
                "kind = a AND | 12 | 0 | expected a field of workflows, NOT or (, but the query ends",
                "(kind = a | 9 | 0 | expected AND, OR or ), but the query ends",
                "kind IN a | 8 | 1 | expected ( behind IN, but got 'a'",
                "kind IN () | 9 | 1 | expected a text, in quotes where it has blanks as kind, but got ')'",
                "kind IS NULL | 5 | 7 | expected a field that may be without a value in front of IS NULL, but kind never is",
                "created = -2h | 8 | 1 | expected one of >, >=, <, <= behind created, but got '='",
                "created > 2h | 10 | 2 | expected a time such as -2h, 2031-05-01 or 2031-05-01T12:00:00Z as created, but got '2h'",
                "created > 2031-02-30 | 10 | 10 | expected a time",
                "duration > 5 | 11 | 1 | expected a duration such as 90s, 5m or 1h30m as duration, but got '5'",
                "duration > 999999w | 11 | 7 | expected a duration",
                "attempt = -1 | 10 | 2 | expected a whole number as attempt, but got '-1'",
                "id = 7 | 5 | 1 | expected a UUID as id, but got '7'",
                "ORDER BY kind | 9 | 4 | expected one of status, created, started, ended, duration, attempt, history to sort by, but got 'kind'",
                "ORDER BY ended, created | 14 | 1 | expected one field to sort by, and then the end of the query",
                "kind = a ! b | 9 | 1 | expected one of = != > >= < <= ~ !~ to compare, but got !",
                "kind = 'a\\n' | 9 | 2 | behind a backslash"
            })
    void saysWhereItIsWrongAndWhatWasExpected(String text, int position, int length, String said) {
        SearchFault fault = fault(text);

        assertTrue(fault.getMessage().contains(said), fault.getMessage());
        assertEquals(position, fault.position(), fault.getMessage());
        assertEquals(length, fault.length(), fault.getMessage());
    }

    @Test
    void countsPlacesFromOneForPeople() {
        assertTrue(fault("status = DONE").placed().endsWith(", at character 10 of the query"));
    }

    @Test
    void takesNoMoreThanItCanAnswer() {
        String most = IntStream.range(0, 50).mapToObj(i -> "kind = k" + i).collect(Collectors.joining(" OR "));
        String values = IntStream.range(0, 51).mapToObj(i -> "k" + i).collect(Collectors.joining(", "));
        read(most);
        assertTrue(fault(most + " OR kind = z").getMessage().startsWith("expected at most 50 conditions"));
        assertTrue(fault("kind IN (" + values + ")").getMessage().startsWith("expected at most 50 conditions"));
        read("(".repeat(50) + "kind = a" + ")".repeat(50));
        assertTrue(fault("(".repeat(2_000) + "kind = a").getMessage().startsWith("expected at most 50 parentheses"));
        assertTrue(fault("NOT ".repeat(900) + "kind = a").getMessage().startsWith("expected at most 50 parentheses"));
        read("kind = '" + "é".repeat(2_043) + "'");
        assertTrue(fault("kind = '" + "é".repeat(2_044) + "'")
                .getMessage()
                .contains("at most 4096 bytes, but it has 4097"));
        // What is too much begins there.
        assertEquals(2_052, fault("kind = '" + "é".repeat(2_044) + "'").position());
        assertEquals(2_052, fault("kind = '" + "𝄞".repeat(2_044) + "'").position());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "sta^ | 0 | 3 | status, started",
                "status ^ | 7 | 7 | =, !=, IN, NOT IN",
                "status = F^ | 9 | 10 | FAILED",
                "status = FAI^ED AND kind = a | 9 | 14 | FAILED",
                "status = FAILED ^ | 16 | 16 | AND, OR, ORDER BY",
                "status = FAILED OR^ | 16 | 18 | OR, ORDER BY",
                "(status = FAILED ^ | 17 | 17 | AND, OR, )",
                "status = FAILED ORDER BY du^ | 25 | 27 | duration",
                "ORDER BY ended ^ | 15 | 15 | DESC, ASC",
                "ended ^ | 6 | 6 | >, >=, <, <=, IS NULL, IS NOT NULL",
                "ended IS N^ | 9 | 10 | NULL, NOT NULL",
                "created > ^ | 10 | 10 | -15m, -1h, -24h, -7d",
                "nonsense = ^ | 11 | 11 | ``"
            })
    void offersWhatMayBeWrittenNext(String text, int from, int to, String items) {
        int at = text.indexOf('^');
        Completions completions = Completions.at(Subject.WORKFLOWS, text.replace("^", ""), at);

        assertEquals(items, completions.items().stream().map(Completion::text).collect(Collectors.joining(", ")));
        assertEquals(List.of(from, to), List.of(completions.from(), completions.to()));
    }

    @Test
    void saysOfWhichFieldTheDataKnowTheValues() {
        Completions plain = Completions.at(Subject.WORKFLOWS, "kind = or", 9);
        Completions quoted = Completions.at(Subject.WORKFLOWS, "kind IN (a, \"two w", 18);

        assertEquals("kind", plain.valueOf().name());
        assertEquals("or", plain.written());
        assertEquals("kind", quoted.valueOf().name());
        assertEquals("two w", quoted.written());
        assertEquals(12, quoted.from());
        assertEquals("\"two words\"", Completions.value("two words").text());
        assertEquals("order", Completions.value("order").text());
    }

    @Test
    void tasksHaveFieldsOfTheirOwn() {
        Search.parse(Subject.TASKS, "workflow = 0190f0c0-0000-7000-8000-000000000001 AND attempt > 1");
        SearchFault fault = assertThrows(SearchFault.class, () -> Search.parse(Subject.TASKS, "events > 1"));

        assertTrue(fault.getMessage().startsWith("expected a field of tasks (status, "), fault.getMessage());
    }
}
