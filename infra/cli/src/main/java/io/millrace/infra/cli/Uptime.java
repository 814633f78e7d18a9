package io.millrace.infra.cli;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** How long this process has run. */
public final class Uptime {

    private Uptime() {}

    /** @return seconds for people, with two digits after the point */
    public static String seconds() {
        return String.format(
                Locale.ROOT, "%.2f s", ManagementFactory.getRuntimeMXBean().getUptime() / 1_000.0);
    }
}
