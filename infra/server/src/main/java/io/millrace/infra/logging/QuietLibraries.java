package io.millrace.infra.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.slf4j.Marker;

/**
 * Lets libraries log nothing below INFO, whatever level is configured. Below INFO they write down what passes through
 * them: the HTTP/2 library writes every header with its API key, and the first bytes of every payload. Millrace's own
 * loggers may log at any level, since they are given no secrets. Asked before any level is looked at; any thread.
 */
final class QuietLibraries extends TurboFilter {

    private static final String OWN = "io.millrace.";

    @Override
    public FilterReply decide(
            Marker marker, Logger logger, Level level, String format, Object[] arguments, Throwable failure) {
        return level.isGreaterOrEqual(Level.INFO) || logger.getName().startsWith(OWN)
                ? FilterReply.NEUTRAL
                : FilterReply.DENY;
    }
}
