package io.millrace.infra.client.schedule;

import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A command that says when a schedule is due, and by which policies. */
abstract class ScheduleTimingCommand extends ApiCommand {

    @ArgGroup(multiplicity = "1")
    private When when;

    /** When it is due: one of the three. */
    static final class When {

        @Option(
                names = "--cron",
                paramLabel = "EXPRESSION",
                description =
                        "Minute, hour, day of month, month, day of week; with six fields the first is the second.")
        private String cron;

        @Option(
                names = "--every",
                paramLabel = "TIME",
                converter = Durations.class,
                description = "An interval such as 90s or 6h.")
        private Duration every;

        @Option(names = "--at", paramLabel = "TIME", description = "Once, such as 2026-12-24T19:00:00+01:00.")
        private String at;
    }

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description = "Of the cron expression, such as Europe/Berlin. Otherwise UTC.")
    private String timeZone;

    @Option(names = "--start-at", paramLabel = "TIME", description = "Not before this time.")
    private String startAt;

    @Option(names = "--end-at", paramLabel = "TIME", description = "Not after this time.")
    private String endAt;

    @Option(
            names = "--jitter",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Each run starts so much later, at the most. It is the same for the same due time.")
    private Duration jitter;

    @Option(
            names = "--overlap",
            paramLabel = "POLICY",
            description = "With a run that is due while the one before is open: skip, buffer-one, allow or"
                    + " cancel-previous. Otherwise skip.")
    private String overlap;

    @Option(
            names = "--missed",
            paramLabel = "POLICY",
            description = "With runs whose time was missed: skip, latest or all. Otherwise latest.")
    private String missed;

    @Option(
            names = "--missed-after",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "A run that can start only so much later was missed. Otherwise 1m.")
    private Duration missedAfter;

    @Option(
            names = "--cancel-after",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long a run has to end that is cancelled for the next one. Otherwise nothing.")
    private Duration cancelAfter;

    ScheduleTimingCommand(Invocation around) {
        super(around);
    }

    /** Adds what the options say to the body. */
    final void addDue(Map<String, Object> body) {
        GivenOptions.put(body, "cron", when.cron);
        GivenOptions.put(body, "everyMs", ms(when.every));
        GivenOptions.put(body, "at", when.at);
        GivenOptions.put(body, "timeZone", timeZone);
        GivenOptions.put(body, "startAt", startAt);
        GivenOptions.put(body, "endAt", endAt);
        GivenOptions.put(body, "jitterMs", ms(jitter));
        GivenOptions.put(body, "overlap", policy(overlap));
        GivenOptions.put(body, "missed", policy(missed));
        GivenOptions.put(body, "missedAfterMs", ms(missedAfter));
        GivenOptions.put(body, "cancelAfterMs", ms(cancelAfter));
    }

    /** @return when a schedule is due, as people say it */
    static String when(JsonObject schedule) {
        String cron = schedule.text("cron");
        if (!cron.isEmpty()) {
            return cron + " " + schedule.text("timeZone");
        }
        Optional<Long> every = schedule.number("everyMs");
        return every.isPresent() ? "every " + Durations.text(every.get()) : "once at " + schedule.text("at");
    }

    private static @Nullable Long ms(@Nullable Duration duration) {
        return duration == null ? null : duration.toMillis();
    }

    /** @return the policy as the server names it, who says which there are */
    private static @Nullable String policy(@Nullable String text) {
        return text == null ? null : text.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
