package io.millrace.proto.schedule;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.millrace.proto.ScheduleTiming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Computes when a schedule is due. An expression tells times of day as clocks on the wall show them. A time that they skip, when
 * daylight saving begins, is due at the first moment after; several of those are one. A time that they show twice is due the first
 * time. Not thread-safe. Times are milliseconds since the epoch.
 */
public final class ScheduleTimes {

    /** Shortest interval, milliseconds; a cron expression has nothing shorter either. */
    public static final long SHORTEST_MS = 1_000;

    /** The last moment of the year 9999. */
    public static final long LATEST_MS = 253_402_300_799_999L;

    private final ScheduleTiming timing;
    private final Instants instants;

    private interface Instants {
        /** @return the first that is later */
        OptionalLong next(long afterMs);

        /** @return the last that is not later */
        OptionalLong last(long untilMs);
    }

    /** @throws BadTimingException if there is no such timing, with the field and the place of what is wrong */
    public ScheduleTimes(ScheduleTiming timing) {
        this.timing = timing;
        if (timing.endMs() != 0 && timing.endMs() <= timing.startMs()) {
            throw new BadTimingException("endAt", 0, "expected an end that is later than the start, but it is not");
        }
        this.instants = switch (timing.form()) {
            case CRON -> new Cron(timing.cron(), timing.timeZone());
            case INTERVAL -> new Interval(timing.everyMs(), timing.anchorMs());
            case ONCE -> new Once(timing.atMs());
        };
    }

    /** @return the first due time that is later, in the bounds of the schedule; empty: it is never due again */
    public OptionalLong next(long afterMs) {
        OptionalLong next = instants.next(Math.max(afterMs, timing.startMs() - 1));
        return next.isPresent() && within(next.getAsLong()) ? next : OptionalLong.empty();
    }

    /** @return the last due time that is not later, in the bounds of the schedule */
    public OptionalLong last(long untilMs) {
        long bound = timing.endMs() == 0 ? untilMs : Math.min(untilMs, timing.endMs());
        OptionalLong last = instants.last(bound);
        return last.isPresent() && last.getAsLong() >= timing.startMs() ? last : OptionalLong.empty();
    }

    /**
     * @param scheduleId by which schedules that are due at the same time differ
     * @param nextMs due time after that; empty: there is none
     * @return the due time with its jitter, which comes before the next due time
     */
    public long withJitter(UUID scheduleId, long dueMs, OptionalLong nextMs) {
        long room = nextMs.isPresent() ? nextMs.getAsLong() - dueMs - 1 : Long.MAX_VALUE;
        long most = Math.min(timing.jitterMs(), room);
        if (most <= 0) {
            return dueMs;
        }
        byte[] hash = sha256().digest((scheduleId + "/" + dueMs).getBytes(StandardCharsets.US_ASCII));
        return dueMs + Math.floorMod(ByteBuffer.wrap(hash).getLong(), most + 1);
    }

    /** @throws BadTimingException if it is never due after the time */
    public void expectDueAfter(long afterMs) {
        if (next(afterMs).isPresent()) {
            return;
        }
        switch (timing.form()) {
            case ONCE ->
                throw new BadTimingException(
                        "at",
                        0,
                        "expected a time to come"
                                + (timing.startMs() > 0 || timing.endMs() > 0 ? " between start and end" : "")
                                + ", but got " + Instant.ofEpochMilli(timing.atMs()));
            case INTERVAL ->
                throw new BadTimingException(
                        "every", 0, "expected an interval that is over at least once before the end, but it never is");
            case CRON -> {
                if (instants.next(Math.max(afterMs, timing.startMs() - 1)).isPresent()) {
                    throw new BadTimingException(
                            "cron", 0, "expected an expression that is due before the end, but it never is");
                }
                throw new BadTimingException(
                        "cron",
                        CronFields.read(timing.cron()).dayPosition(),
                        "expected an expression that is due one day, but there never is such a day");
            }
        }
    }

    private boolean within(long ms) {
        return ms <= LATEST_MS && (timing.endMs() == 0 || ms <= timing.endMs());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("expected a Java platform with SHA-256, but it has none", e);
        }
    }

    /** The library reckons with a calendar alone, as if it were UTC: what the zone makes of that is decided here. */
    private static final class Cron implements Instants {

        private static final CronDefinition FORM = CronDefinitionBuilder.defineCron()
                .withSeconds()
                .withValidRange(0, 59)
                .and()
                .withMinutes()
                .withValidRange(0, 59)
                .and()
                .withHours()
                .withValidRange(0, 23)
                .and()
                .withDayOfMonth()
                .withValidRange(1, 31)
                .supportsL()
                .supportsW()
                .supportsLW()
                .and()
                .withMonth()
                .withValidRange(1, 12)
                .and()
                .withDayOfWeek()
                .withValidRange(0, 7)
                .withMondayDoWValue(1)
                .withIntMapping(7, 0)
                .supportsHash()
                .supportsL()
                .and()
                .instance();

        private final ExecutionTime times;
        private final ZoneId zone;

        Cron(String expression, String timeZone) {
            String six = CronFields.read(expression).expression();
            try {
                times = ExecutionTime.forCron(new CronParser(FORM).parse(six).validate());
            } catch (IllegalArgumentException e) {
                throw new BadTimingException(
                        "cron", 0, "expected a cron expression, but the library does not take it: " + e.getMessage());
            }
            zone = TimeZones.of(timeZone);
        }

        @Override
        public OptionalLong next(long afterMs) {
            if (afterMs >= LATEST_MS) {
                return OptionalLong.empty();
            }
            ZonedDateTime wall = wall(afterMs);
            while (true) {
                Optional<ZonedDateTime> next = times.nextExecution(wall);
                if (next.isEmpty()) {
                    return OptionalLong.empty();
                }
                wall = next.get();
                long ms = instant(wall.toLocalDateTime());
                if (ms > afterMs) {
                    return OptionalLong.of(ms);
                }
            }
        }

        @Override
        public OptionalLong last(long untilMs) {
            // The library tells what came before, so one second more makes that include the present one.
            ZonedDateTime wall = wall(Math.min(untilMs, LATEST_MS)).plusSeconds(1);
            while (true) {
                Optional<ZonedDateTime> last = times.lastExecution(wall);
                if (last.isEmpty()) {
                    return OptionalLong.empty();
                }
                wall = last.get();
                long ms = instant(wall.toLocalDateTime());
                if (ms <= untilMs) {
                    return OptionalLong.of(later(ms, untilMs));
                }
            }
        }

        /** Where the clocks show an hour again, there are later ones than what they show would tell. */
        private long later(long dueMs, long untilMs) {
            long last = dueMs;
            for (OptionalLong next = next(last); next.isPresent() && next.getAsLong() <= untilMs; next = next(last)) {
                last = next.getAsLong();
            }
            return last;
        }

        /** @return what the clock on the wall shows, to the second */
        private ZonedDateTime wall(long ms) {
            return LocalDateTime.ofInstant(Instant.ofEpochMilli(ms), zone)
                    .truncatedTo(ChronoUnit.SECONDS)
                    .atZone(ZoneOffset.UTC);
        }

        private long instant(LocalDateTime wall) {
            ZoneOffsetTransition transition = zone.getRules().getTransition(wall);
            if (transition != null && transition.isGap()) {
                return transition.getInstant().toEpochMilli();
            }
            return wall.atZone(zone).toInstant().toEpochMilli(); // of two, the earlier one
        }
    }

    private record Interval(long everyMs, long anchorMs) implements Instants {

        Interval {
            if (everyMs < SHORTEST_MS) {
                throw new BadTimingException(
                        "every", 0, "expected an interval of 1 s or more, but got " + everyMs + " ms");
            }
        }

        @Override
        public OptionalLong next(long afterMs) {
            if (afterMs < anchorMs) {
                return OptionalLong.of(anchorMs);
            }
            long intervals = (afterMs - anchorMs) / everyMs + 1;
            return intervals > (LATEST_MS - anchorMs) / everyMs
                    ? OptionalLong.empty()
                    : OptionalLong.of(anchorMs + intervals * everyMs);
        }

        @Override
        public OptionalLong last(long untilMs) {
            return untilMs < anchorMs
                    ? OptionalLong.empty()
                    : OptionalLong.of(anchorMs + (untilMs - anchorMs) / everyMs * everyMs);
        }
    }

    private record Once(long atMs) implements Instants {

        @Override
        public OptionalLong next(long afterMs) {
            return atMs > afterMs ? OptionalLong.of(atMs) : OptionalLong.empty();
        }

        @Override
        public OptionalLong last(long untilMs) {
            return atMs <= untilMs ? OptionalLong.of(atMs) : OptionalLong.empty();
        }
    }
}
