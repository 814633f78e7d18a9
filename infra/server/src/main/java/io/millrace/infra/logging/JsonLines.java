package io.millrace.infra.logging;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.encoder.JsonEscapeUtil;
import io.millrace.ingest.auth.Traceparent;
import io.millrace.proto.TraceContext;
import io.millrace.proto.trace.LoggedTrace;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Writes each entry of the log as one line of JSON, for what collects logs: {@code level}, {@code threadName}, {@code loggerName},
 * {@code kvpList}, {@code formattedMessage}, {@code throwable} and {@code time} (ISO 8601, UTC). What belongs to a call that its caller
 * traces has {@code traceId} as well.
 */
final class JsonLines extends JsonEncoder {

    private final boolean brief;

    /**
     * With what the text has: arguments stand in the message, and nothing is said twice.
     *
     * @param brief whether a failure is said in one sentence, {@code error}, instead of with its trace
     */
    JsonLines(boolean brief) {
        this.brief = brief;
        setWithThrowable(!brief);
        setWithSequenceNumber(false);
        setWithTimestamp(false);
        setWithNanoseconds(false);
        setWithContext(false);
        setWithMDC(false);
        setWithMarkers(false);
        setWithMessage(false);
        setWithArguments(false);
        setWithFormattedMessage(true);
    }

    @Override
    protected void appendCustomFields(StringBuilder json, ILoggingEvent event) {
        IThrowableProxy failure = event.getThrowableProxy();
        if (brief && failure != null) {
            String text = failure.getClassName() + ": " + failure.getMessage();
            json.append(VALUE_SEPARATOR);
            String first = text.lines().findFirst().orElse("");
            // The library takes members for what needs no escape.
            appenderMember(json, "error", JsonEscapeUtil.jsonEscapeString(first));
        }
        String trace = trace(event);
        if (trace != null) {
            json.append(VALUE_SEPARATOR);
            appenderMember(json, "traceId", trace);
        }
        json.append(VALUE_SEPARATOR);
        appenderMember(json, "time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
    }

    /** Lines are written by the thread that logs, so what it does at this moment is what it logs of. */
    private static @Nullable String trace(ILoggingEvent event) {
        String known = event.getMDCPropertyMap().get(LoggedTrace.KEY);
        String call = known == null ? Traceparent.KEY.get() : null;
        return call == null
                ? known
                : TraceContext.parse(call).map(TraceContext::traceId).orElse(null);
    }
}
