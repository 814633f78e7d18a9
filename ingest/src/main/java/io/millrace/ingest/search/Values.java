package io.millrace.ingest.search;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.ExecutionStatus;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the values of each type of field. */
final class Values {

    /** A hundred years: sums of times and lengths of time then never overflow. */
    private static final long MAX_MILLIS = 100L * 365 * 24 * 3_600_000;

    private static final Pattern SPAN_PART = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,9})?)(ms|s|m|h|d|w)");
    private static final Pattern SPAN = Pattern.compile("(?:" + SPAN_PART.pattern() + ")+");
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

    private Values() {}

    /** @return all statuses */
    static List<ExecutionStatus> statuses() {
        return Arrays.stream(ExecutionStatus.values())
                .filter(status -> status != ExecutionStatus.EXECUTION_STATUS_UNSPECIFIED
                        && status != ExecutionStatus.UNRECOGNIZED)
                .toList();
    }

    /** @return what is expected of a value of the field, for a text */
    static String expected(Field field) {
        return switch (field.type()) {
            case STATUS -> "PENDING, RUNNING, WAITING, COMPLETED, FAILED, CANCELLED or CONTINUED_AS_NEW";
            case NAME, TEXT, METADATA -> "a text, in quotes where it has blanks";
            case ID -> "a UUID";
            case NUMBER -> "a whole number";
            case TIME -> "a time such as -2h, 2031-05-01 or 2031-05-01T12:00:00Z";
            case DURATION -> "a duration such as 90s, 5m or 1h30m";
        };
    }

    /** @return the value, or empty if the text is none of the field's type */
    static Optional<Value> read(Field field, Token token) {
        String text = token.text();
        return switch (field.type()) {
            case NAME, TEXT, METADATA -> Optional.of(new Value.Text(text));
            case STATUS ->
                statuses().stream()
                        .filter(status -> status.name().equals(text.toUpperCase(Locale.ROOT)))
                        .<Value>map(Value.Status::new)
                        .findFirst();
            case ID -> Ids.parse(text).map(Value.Id::new);
            case NUMBER ->
                text.matches("[0-9]{1,18}") ? Optional.of(new Value.Whole(Long.parseLong(text))) : Optional.empty();
            case DURATION -> span(text).map(Value.Span::new);
            case TIME -> time(text);
        };
    }

    private static Optional<Value> time(String text) {
        if (text.equalsIgnoreCase("now")) {
            return Optional.of(new Value.Ago(0));
        }
        if (text.startsWith("-")) {
            return span(text.substring(1)).map(Value.Ago::new);
        }
        try {
            Instant instant = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
            boolean reasonable = !instant.isBefore(FIRST) && !instant.isAfter(LAST);
            return reasonable ? Optional.of(new Value.Moment(instant.toEpochMilli())) : Optional.empty();
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    private static Optional<Long> span(String text) {
        if (!SPAN.matcher(text).matches()) {
            return Optional.empty();
        }
        BigDecimal millis = BigDecimal.ZERO;
        Matcher part = SPAN_PART.matcher(text);
        while (part.find()) {
            millis = millis.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit(part.group(2)))));
        }
        return millis.compareTo(BigDecimal.valueOf(MAX_MILLIS)) > 0
                ? Optional.empty()
                : Optional.of(millis.longValue());
    }

    private static long unit(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 24 * 3_600_000L;
            default -> 7 * 24 * 3_600_000L;
        };
    }
}
