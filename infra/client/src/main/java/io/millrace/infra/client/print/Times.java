package io.millrace.infra.client.print;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Times and durations as people say them: the largest unit, and the next smaller one while that still matters. */
public final class Times {

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final int BOTH_UNITS = 10;

    private Times() {}

    /** @return such as 42s, 3m12s, 14m, 5h7m, 3d. A time in the future counts as now, since clocks differ */
    public static String length(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 1 && duration.toMillis() > 0) {
            return duration.toMillis() + "ms";
        }
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3_600) {
            return units(seconds / 60, "m", seconds % 60, "s");
        }
        if (seconds < 86_400) {
            return units(seconds / 3_600, "h", seconds % 3_600 / 60, "m");
        }
        return units(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
    }

    private static String units(long large, String largeUnit, long small, String smallUnit) {
        return large < BOTH_UNITS && small > 0 ? large + largeUnit + small + smallUnit : large + largeUnit;
    }

    /** @return time from one to the other, without fractions; empty if one of them is not known */
    public static String between(Optional<Instant> begin, Optional<Instant> end) {
        return begin.isPresent() && end.isPresent() ? length(Duration.between(begin.get(), end.get())) : "";
    }

    /** @return such as "3m12s ago (2026-01-31T08:00:00Z)"; empty if the time is not known */
    public static String ago(Optional<Instant> time, Instant now) {
        return time.map(at -> length(Duration.between(at, now)) + " ago (" + at + ")")
                .orElse("");
    }

    /** @return time of day in the user's zone, with milliseconds; blanks if the time is not known */
    public static String clock(Optional<Instant> time, ZoneId zone) {
        return time.map(at -> CLOCK.format(at.atZone(zone))).orElse("            ");
    }
}
