package io.millrace.infra.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;

/**
 * Drops warnings of libraries that appear in every ordinary run and tell an operator nothing. Their loggers cannot be
 * switched off, as they also say things that matter. Configured in logback.xml; any thread.
 */
public final class HarmlessWarnings extends Filter<ILoggingEvent> {

    private static final List<String> HARMLESS = List.of(
            // The embedded controller closes its channel twice when it stops.
            "Attempting to close NetworkClient that has already been closed.",
            // The embedded broker sends so many heartbeats that one may come late on a busy machine. It still counts as
            // alive.
            "processExpiredBrokerHeartbeat: controller event queue overloaded",
            "sent a heartbeat request but received error REQUEST_TIMED_OUT",
            // The first record after a commit may arrive before the broker has marked the end of the last transaction.
            "CONCURRENT_TRANSACTIONS");

    @Override
    public FilterReply decide(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        return message != null && HARMLESS.stream().anyMatch(message::contains)
                ? FilterReply.DENY
                : FilterReply.NEUTRAL;
    }
}
