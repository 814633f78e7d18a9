package io.millrace.infra.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.List;

/**
 * Drops warnings and complaints of libraries that are part of every ordinary run and tell an operator nothing, where their loggers say
 * other things that do matter. Configured in logback.xml; any thread.
 */
public final class HarmlessWarnings extends Filter<ILoggingEvent> {

    private static final List<String> HARMLESS = List.of(
            // The embedded controller closes its channel twice when it stops.
            "Attempting to close NetworkClient that has already been closed.",
            // The embedded broker beats so often that a busy machine may be late for a beat; it still counts as alive.
            "processExpiredBrokerHeartbeat: controller event queue overloaded",
            "sent a heartbeat request but received error REQUEST_TIMED_OUT",
            // The first record after a commit may arrive before the broker has marked the end of the last transaction.
            "CONCURRENT_TRANSACTIONS");

    @Override
    public FilterReply decide(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        return message != null && HARMLESS.stream().anyMatch(message::contains) ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
}
