package io.millrace.proto.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.ScheduleTiming.Form;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTimesTest {

    private static final String BERLIN = "Europe/Berlin";

    private static ScheduleTiming cron(String expression, String zone) {
        return new ScheduleTiming(Form.CRON, expression, 0, 0, zone, 0, 0, 0, 0);
    }

    private static long ms(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    private static List<String> next(ScheduleTiming timing, String after, int count) {
        ScheduleTimes times = new ScheduleTimes(timing);
        List<String> found = new ArrayList<>();
        OptionalLong next = times.next(ms(after));
        while (next.isPresent() && found.size() < count) {
            found.add(Instant.ofEpochMilli(next.getAsLong()).toString());
            next = times.next(next.getAsLong());
        }
        return found;
    }

    private static BadTimingException bad(ScheduleTiming timing) {
        return assertThrows(BadTimingException.class, () -> new ScheduleTimes(timing));
    }

    @Test
    void fiveFieldsAreMinutesAndSixHaveSecondsInFront() {
        assertEquals(
                List.of("2026-06-01T10:15:00Z", "2026-06-01T10:30:00Z", "2026-06-01T10:45:00Z"),
                next(cron("*/15 * * * *", "UTC"), "2026-06-01T10:00:00Z", 3));
        assertEquals(
                List.of("2026-06-01T10:00:20Z", "2026-06-01T10:00:40Z", "2026-06-01T10:01:00Z"),
                next(cron("*/20 * * * * *", "UTC"), "2026-06-01T10:00:00Z", 3));
    }

    @Test
    void oneTimeOfDayFollowsTheZoneThroughTheYear() {
        assertEquals(
                List.of("2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
                next(cron("0 9 * * *", BERLIN), "2026-03-28T00:00:00Z", 2));
    }

    @Test
    void aTimeThatDoesNotExistIsDueAtTheFirstMomentAfter() {
        assertEquals(
                List.of("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
                next(cron("30 2 * * *", BERLIN), "2026-03-28T00:00:00Z", 3));
    }

    @Test
    void severalTimesThatDoNotExistAreOne() {
        assertEquals(
                List.of("2026-03-29T00:45:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z"),
                next(cron("*/15 * * * *", BERLIN), "2026-03-29T00:30:00Z", 3));
    }

    @Test
    void aTimeThatExistsTwiceIsDueTheFirstTime() {
        assertEquals(
                List.of("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
                next(cron("30 2 * * *", BERLIN), "2026-10-24T00:00:00Z", 3));
        assertEquals(
                List.of("2026-10-25T00:45:00Z", "2026-10-25T02:00:00Z"),
                next(cron("*/15 * * * *", BERLIN), "2026-10-25T00:30:00Z", 2));
    }

    @Test
    void whoAsksWithinTheSecondPassFindsNothingOfTheFirst() {
        assertEquals(List.of("2026-10-26T01:30:00Z"), next(cron("30 2 * * *", BERLIN), "2026-10-25T01:10:00Z", 1));
    }

    @Test
    void theLastTimeIsFoundWhereTheClocksShowAnHourAgain() {
        ScheduleTimes times = new ScheduleTimes(cron("50 2 * * *", BERLIN));
        assertEquals(
                ms("2026-10-25T00:50:00Z"),
                times.last(ms("2026-10-25T01:10:00Z")).getAsLong());
        assertEquals(
                ms("2026-10-25T00:50:00Z"),
                times.last(ms("2026-10-25T00:50:00Z")).getAsLong());
        assertEquals(
                ms("2026-10-24T00:50:00Z"),
                times.last(ms("2026-10-25T00:49:59Z")).getAsLong());
    }

    @Test
    void nextAndLastAgreeWhateverTheZoneAndTheTime() {
        Random random = new Random(7);
        String[] zones = {BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"};
        String[] expressions = {
            "30 2 * * *", "*/20 * * * *", "0 0 1 * *", "15 1,2,3 * * SUN", "0 30 1 L * *", "0 0 29 2 *"
        };
        for (int i = 0; i < 300; i++) {
            ScheduleTimes times = new ScheduleTimes(
                    cron(expressions[random.nextInt(expressions.length)], zones[random.nextInt(zones.length)]));
            long after = ms("2010-01-01T00:00:00Z") + Math.floorMod(random.nextLong(), 400L * 86_400_000 * 10);
            long first = times.next(after).getAsLong();
            long second = times.next(first).getAsLong();
            assertTrue(after < first && first < second);
            assertEquals(first, times.next(first - 1).getAsLong());
            assertEquals(first, times.last(first).getAsLong());
            assertEquals(first, times.last(second - 1).getAsLong());
        }
    }

    @Test
    void daysOfTheMonthAndOfTheWeekAddUp() {
        assertEquals(
                List.of("2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z"),
                next(cron("0 0 13 * FRI", "UTC"), "2026-01-01T00:00:00Z", 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "0 0 L * *; 2026-01-31T00:00:00Z",
                "0 0 LW * *; 2026-01-30T00:00:00Z",
                "0 0 15W 2 *; 2026-02-16T00:00:00Z",
                "0 0 * * 5L; 2026-01-30T00:00:00Z",
                "0 0 * * TUE#2; 2026-01-13T00:00:00Z",
                "0 0 ? * 7; 2026-01-04T00:00:00Z",
                "0 0 ? * sun; 2026-01-04T00:00:00Z",
                "0 0 ? * SAT-SUN; 2026-01-03T00:00:00Z",
                "0 0 ? * SAT-0; 2026-01-03T00:00:00Z",
                "0 0 1 JUL-SEP ?; 2026-07-01T00:00:00Z",
                "0 0 ? * MON-FRI/2; 2026-01-02T00:00:00Z",
                "@monthly; 2026-02-01T00:00:00Z",
                "@Daily; 2026-01-02T00:00:00Z",
                "0 12 1-3,20-28/4 jul *; 2026-07-01T12:00:00Z"
            })
    void theFormsThatAreDocumentedAreUnderstood(String expression, String first) {
        assertEquals(List.of(first), next(cron(expression, "UTC"), "2026-01-01T00:00:00Z", 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "60 * * * *; 1; expected minutes of 0 to 59, but got 60 (cron, position 1)",
                "0 9 * * MON,FUN; 13; expected one of the days of the week, but got FUN (cron, position 13)",
                "0 5-1 * * *; 3; expected a range of hours that begins before it ends, but got 5-1 (cron, position 3)",
                "*/0 * * * *; 3; expected a step of 1 to 59 for minutes, but got 0 (cron, position 3)",
                "0 1, * * *; 5; expected a value between commas, but got nothing (cron, position 5)",
                "0 0 * * 2#6; 11; expected a week of the month, 1 to 5, but got 6 (cron, position 11)",
                "0  0 32 * *; 6; expected days of the month of 1 to 31, but got 32 (cron, position 6)",
                "@fortnightly; 1; 'expected one of @yearly, @monthly, @weekly, @daily or @hourly, but got @fortnightly (cron, position 1)'",
                "0 x * * *; 3; expected one of the hours, but got X (cron, position 3)",
                "0 0 * 13 *; 7; expected months of 1 to 12, but got 13 (cron, position 7)",
                "0 0 * * ?/2; 9; expected one of the days of the week, but got ? (cron, position 9)"
            })
    void whatIsWrongIsNamedWithItsPlace(String expression, int position, String text) {
        BadTimingException e = bad(cron(expression, "UTC"));
        assertEquals(position, e.position(), e.getMessage());
        assertEquals(text, e.getMessage());
        assertEquals("cron", e.field());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "* * * *", "* * * * * * *", "every day"})
    void anotherNumberOfFieldsIsRefused(String expression) {
        assertTrue(bad(cron(expression, "UTC")).getMessage().contains("expected 5 fields"));
    }

    @Test
    void anExpressionThatIsNeverDueIsRefusedWithThePlaceOfItsDay() {
        ScheduleTimes times = new ScheduleTimes(cron("0 0 30 2 *", "UTC"));
        BadTimingException e = assertThrows(BadTimingException.class, () -> times.expectDueAfter(0));
        assertEquals(5, e.position());
        assertEquals(
                "expected an expression that is due one day, but there never is such a day (cron, position 5)",
                e.getMessage());
    }

    @Test
    void anUnknownZoneIsRefusedAndOneThatIsLikeItIsNamed() {
        assertEquals(
                "expected a time zone such as Europe/Berlin or UTC, but there is none of the name Europe/Berlim; did you mean"
                        + " Europe/Berlin? (timeZone, position 13)",
                bad(cron("0 9 * * *", "Europe/Berlim")).getMessage());
        assertEquals("timeZone", bad(cron("0 9 * * *", "")).field());
        assertEquals("timeZone", bad(cron("0 9 * * *", "+05:00")).field());
    }

    @Test
    void aRangeOfDaysMayEndWithSunday() {
        assertEquals(
                List.of("2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-09T00:00:00Z"),
                next(cron("0 0 * * FRI-SUN", "UTC"), "2026-01-01T00:00:00Z", 4));
    }

    @Test
    void intervalsAreCountedFromTheirAnchor() {
        ScheduleTiming timing =
                new ScheduleTiming(Form.INTERVAL, "", 90_000, 0, "", ms("2026-01-01T00:00:10Z"), 0, 0, 0);
        assertEquals(List.of("2026-01-01T00:00:10Z", "2026-01-01T00:01:40Z"), next(timing, "2026-01-01T00:00:00Z", 2));
        assertEquals(
                ms("2026-01-01T00:01:40Z"),
                new ScheduleTimes(timing).last(ms("2026-01-01T00:03:00Z")).getAsLong());
        assertEquals(
                "every",
                bad(new ScheduleTiming(Form.INTERVAL, "", 999, 0, "", 0, 0, 0, 0))
                        .field());
    }

    @Test
    void nothingIsDueOutsideOfStartAndEnd() {
        ScheduleTiming timing = new ScheduleTiming(
                Form.CRON, "0 * * * *", 0, 0, "UTC", 0, ms("2026-01-01T05:00:00Z"), ms("2026-01-01T06:30:00Z"), 0);
        assertEquals(List.of("2026-01-01T05:00:00Z", "2026-01-01T06:00:00Z"), next(timing, "2026-01-01T00:00:00Z", 9));
        ScheduleTimes times = new ScheduleTimes(timing);
        assertEquals(
                ms("2026-01-01T06:00:00Z"),
                times.last(ms("2027-01-01T00:00:00Z")).getAsLong());
        assertTrue(times.last(ms("2026-01-01T04:59:59Z")).isEmpty());
    }

    @Test
    void onceIsDueOnce() {
        ScheduleTiming timing = new ScheduleTiming(Form.ONCE, "", 0, ms("2026-01-01T05:00:00Z"), "", 0, 0, 0, 0);
        assertEquals(List.of("2026-01-01T05:00:00Z"), next(timing, "2026-01-01T00:00:00Z", 9));
        ScheduleTimes times = new ScheduleTimes(timing);
        BadTimingException e =
                assertThrows(BadTimingException.class, () -> times.expectDueAfter(ms("2026-01-01T05:00:00Z")));
        assertEquals("expected a time to come, but got 2026-01-01T05:00:00Z (at)", e.getMessage());
    }

    @Test
    void jitterIsTheSameForTheSameAndEndsBeforeTheNextDueTime() {
        ScheduleTiming timing = new ScheduleTiming(Form.INTERVAL, "", 10_000, 0, "", 0, 0, 0, 60_000);
        ScheduleTimes times = new ScheduleTimes(timing);
        UUID one = new UUID(0, 1);
        UUID other = new UUID(0, 2);
        boolean differ = false;
        for (long due = 0; due < 1_000_000; due += 10_000) {
            long at = times.withJitter(one, due, OptionalLong.of(due + 10_000));
            assertEquals(at, new ScheduleTimes(timing).withJitter(one, due, OptionalLong.of(due + 10_000)));
            assertTrue(at >= due && at < due + 10_000);
            differ |= at != times.withJitter(other, due, OptionalLong.of(due + 10_000));
        }
        assertTrue(differ);
        assertTrue(times.withJitter(one, 0, OptionalLong.empty()) <= 60_000);
    }
}
