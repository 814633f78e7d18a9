package io.millrace.proto.schedule;

import io.millrace.proto.Likeness;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Time zones by name. Fixed offsets are none: who means one can say UTC, and who means a place knows no offset. */
final class TimeZones {

    private static final int LIKE = 3;

    private TimeZones() {}

    /** @throws BadTimingException if there is none of that name, with one that is like it */
    static ZoneId of(String name) {
        if (name.equals("UTC")) {
            return ZoneOffset.UTC;
        }
        if (ZoneId.getAvailableZoneIds().contains(name)) {
            return ZoneId.of(name);
        }
        Optional<String> like = ZoneId.getAvailableZoneIds().stream()
                .filter(id -> distance(id, name) <= LIKE)
                .min(Comparator.<String>comparingInt(id -> distance(id, name)).thenComparing(id -> id));
        throw new BadTimingException(
                "timeZone",
                1 + like.map(id -> common(id, name)).orElse(0),
                "expected a time zone such as Europe/Berlin or UTC, but "
                        + (name.isEmpty() ? "got none" : "there is none of the name " + name)
                        + like.map(id -> "; did you mean " + id + "?").orElse(""));
    }

    /** @return characters at the beginning that are the same */
    private static int common(String one, String other) {
        int at = 0;
        while (at < one.length() && at < other.length() && one.charAt(at) == other.charAt(at)) {
            at++;
        }
        return at;
    }

    /** @return characters that have to be put in, left out or changed, whatever their case */
    private static int distance(String one, String other) {
        return Likeness.distance(one.toLowerCase(Locale.ROOT), other.toLowerCase(Locale.ROOT), LIKE);
    }
}
