package io.millrace.infra.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.spi.FilterReply;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Who speaks to people keeps the log of the server apart from that. */
class QuietScreenTest {

    private static final LoggerContext CONTEXT = (LoggerContext) LoggerFactory.getILoggerFactory();
    private static final Logger LOG = CONTEXT.getLogger("io.millrace.test");

    @TempDir
    private Path folder;

    private static FilterReply screen(Level level) {
        Appender<ILoggingEvent> screen = CONTEXT.getLogger("ROOT").getAppender("STDERR");
        return screen.getFilterChainDecision(new LoggingEvent("", LOG, level, "said", null, null));
    }

    @Test
    void theScreenHasWarningsAloneAndTheFileHasAllUntilItIsClosed() throws Exception {
        Path file = folder.resolve("server.log");
        FilterReply before = screen(Level.INFO);

        try (QuietScreen quiet = QuietScreen.begin(file)) {
            LOG.info("all is well");
            LOG.warn("all is not well");
            assertEquals(FilterReply.DENY, screen(Level.INFO));
            assertFalse(screen(Level.WARN) == FilterReply.DENY);
        }
        LOG.info("later");

        String log = Files.readString(file);
        assertTrue(log.contains("INFO  io.millrace.test all is well"), log);
        assertTrue(log.contains("all is not well"), log);
        assertFalse(log.contains("later"), log);
        assertEquals(before, screen(Level.INFO));
    }
}
