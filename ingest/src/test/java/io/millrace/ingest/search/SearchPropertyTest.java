package io.millrace.ingest.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of all queries. */
class SearchPropertyTest {

    private static final int MANY = 5_000;

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadAsTheSame(Subject subject) {
        RandomSearches searches = new RandomSearches(42, subject);
        for (int i = 0; i < MANY; i++) {
            Search search = searches.next();
            String written = search.written();

            assertEquals(search, Search.parse(subject, written), written);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whateverIsWrittenIsReadOrIsAFaultWithAPlaceInTheText(Subject subject) {
        RandomSearches searches = new RandomSearches(43, subject);
        Random random = new Random(44);
        int faults = 0;
        for (int i = 0; i < MANY; i++) {
            String damaged = damaged(searches.next().written(), random);
            try {
                Search.parse(subject, damaged);
            } catch (SearchFault fault) {
                faults++;
                int end = fault.position() + fault.length();
                assertTrue(fault.position() >= 0 && fault.length() >= 0 && end <= damaged.length(), damaged);
                assertTrue(fault.getMessage().startsWith("expected "), fault.getMessage());
            }
        }
        assertTrue(faults > MANY / 4, "only " + faults + " were damaged");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOfferedMayBeWrittenAtEveryPlaceOfEveryQuery(Subject subject) {
        RandomSearches searches = new RandomSearches(45, subject);
        int offered = 0;
        for (int i = 0; i < 200; i++) {
            String written = searches.next().written();
            for (int at = 0; at <= written.length(); at++) {
                Completions completions = Completions.at(subject, written, at);
                for (Completion item : completions.items()) {
                    offered++;
                    String text = written.substring(0, completions.from()) + item.text();
                    assertTrue(mayGoOn(subject, text), text);
                }
            }
        }
        assertTrue(offered > 10_000, "only " + offered + " were offered");
    }

    /** Nothing is wrong but that it may end too early. */
    private static boolean mayGoOn(Subject subject, String text) {
        try {
            Search.parse(subject, text);
            return true;
        } catch (SearchFault fault) {
            // A name that is yet to come ends with a dot.
            return fault.length() == 0 || text.endsWith("metadata.");
        }
    }

    private static String damaged(String text, Random random) {
        StringBuilder damaged = new StringBuilder(text);
        for (int n = 0; n <= random.nextInt(3); n++) {
            int at = random.nextInt(damaged.length() + 1);
            switch (random.nextInt(3)) {
                case 0 -> damaged.insert(at, "()\"'=!<>~, \\aZ9\u0000\ud834".charAt(random.nextInt(16)));
                case 1 -> damaged.setLength(at);
                default -> {
                    if (at < damaged.length()) {
                        damaged.deleteCharAt(at);
                    }
                }
            }
        }
        return damaged.toString();
    }
}
