package io.millrace.infra.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.LoggerContextListener;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Puts {@link QuietLibraries} in front of every configuration of the log, also of an operator's own file. Puts it back
 * when a configuration is read again. Logback finds this class as a service, and calls it from the thread that logs
 * first.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_TOP_PRIORITY)
public final class SecretsStayOut extends ContextAwareBase implements Configurator, LoggerContextListener {

    @Override
    public ExecutionStatus configure(LoggerContext log) {
        log.addListener(this);
        guard(log);
        return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }

    private static void guard(LoggerContext log) {
        if (log.getTurboFilterList().stream().noneMatch(QuietLibraries.class::isInstance)) {
            QuietLibraries filter = new QuietLibraries();
            filter.setContext(log);
            filter.start();
            log.addTurboFilter(filter);
        }
    }

    @Override
    public boolean isResetResistant() {
        return true;
    }

    @Override
    public void onStart(LoggerContext log) {
        guard(log);
    }

    @Override
    public void onReset(LoggerContext log) {
        guard(log);
    }

    @Override
    public void onStop(LoggerContext log) {}

    @Override
    public void onLevelChange(Logger logger, Level level) {}
}
