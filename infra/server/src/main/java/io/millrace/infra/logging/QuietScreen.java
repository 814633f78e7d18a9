package io.millrace.infra.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * For commands that speak to people on a terminal: their screen gets only what is wrong of the log, and a file may get all of it.
 * With {@code MILLRACE_LOG} the screen gets what that asks for, as otherwise. Until it is closed. Any thread.
 */
public final class QuietScreen implements AutoCloseable {

    private static final String SCREEN = "STDERR";
    private static final FileSize MOST = FileSize.valueOf("10MB");

    private final LoggerContext context;
    private final @Nullable ThresholdFilter filter;
    private final @Nullable RollingFileAppender<ILoggingEvent> file;

    private QuietScreen(
            LoggerContext context,
            @Nullable ThresholdFilter filter,
            @Nullable RollingFileAppender<ILoggingEvent> file) {
        this.context = context;
        this.filter = filter;
        this.file = file;
    }

    /** Lets the screen have warnings and errors alone. */
    public static QuietScreen begin() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return new QuietScreen(context, restrict(context), null);
    }

    /**
     * As above, and lets a file have all.
     *
     * @param log gets at most 20 MB, half of it in a second file of the same name with {@code .1} behind it
     */
    public static QuietScreen begin(Path log) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return new QuietScreen(context, restrict(context), file(context, log));
    }

    private static @Nullable ThresholdFilter restrict(LoggerContext context) {
        Appender<ILoggingEvent> screen = root(context).getAppender(SCREEN);
        if (screen == null || System.getenv("MILLRACE_LOG") != null) {
            return null;
        }
        ThresholdFilter filter = new ThresholdFilter();
        filter.setLevel(Level.WARN.levelStr);
        filter.start();
        screen.addFilter(filter);
        return filter;
    }

    private static RollingFileAppender<ILoggingEvent> file(LoggerContext context, Path log) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(LogLines.PATTERN);
        encoder.start();
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setContext(context);
        file.setFile(log.toString());
        file.setEncoder(encoder);
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(file);
        window.setFileNamePattern(log + ".%i");
        window.setMinIndex(1);
        window.setMaxIndex(1);
        window.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> full = new SizeBasedTriggeringPolicy<>();
        full.setContext(context);
        full.setMaxFileSize(MOST);
        full.start();
        file.setRollingPolicy(window);
        file.setTriggeringPolicy(full);
        file.start();
        root(context).addAppender(file);
        return file;
    }

    private static Logger root(LoggerContext context) {
        return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    /** The screen has all of the log again, and the file gets nothing more. */
    @Override
    public void close() {
        if (filter != null) {
            filter.stop();
        }
        if (file != null) {
            root(context).detachAppender(file);
            file.stop();
        }
    }
}
