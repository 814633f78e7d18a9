package io.millrace.infra.system;

import io.millrace.infra.config.ServerConfig;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Servers whose dispatchers keep what has ended for a shorter time than settings allow: nobody would wait for a minute in a test. */
public final class ShortRetention {

    private ShortRetention() {}

    /** @return makes of a configuration one that keeps what has ended so long */
    public static UnaryOperator<ServerConfig> of(Duration closedRetention) {
        return config -> config.withLimits(config.limits().withClosedRetention(closedRetention));
    }
}
