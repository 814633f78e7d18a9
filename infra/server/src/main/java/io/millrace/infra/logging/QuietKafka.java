package io.millrace.infra.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/**
 * For commands that look at Kafka once, and say themselves in one line what is wrong with it. Its clients would warn of the same some
 * times a second until then. Any thread.
 */
public final class QuietKafka {

    private static final String CLIENTS = "org.apache.kafka.clients";

    private QuietKafka() {}

    /** Lets Kafka's clients in this process log errors alone, unless {@code MILLRACE_LOG} asks for more. */
    public static void clients() {
        if (System.getenv("MILLRACE_LOG") == null && LoggerFactory.getLogger(CLIENTS) instanceof Logger logger) {
            logger.setLevel(Level.ERROR);
        }
    }
}
