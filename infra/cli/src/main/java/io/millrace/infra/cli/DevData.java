package io.millrace.infra.cli;

import io.millrace.infra.config.ServerConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens the data of a {@code millrace dev}. It is found as a service, since it needs a Kafka and a PostgreSQL in the
 * process, which are not on the class path of production.
 */
public interface DevData {

    /** Kafka and PostgreSQL of the data. */
    interface Opened extends AutoCloseable {

        /** @return the configuration of a node on these, with the keys of its commands */
        ServerConfig config();

        /** Stops what was started for it, and waits until that has stopped. */
        @Override
        void close();
    }

    /** The Kafka of the data, for commands that only read it. */
    interface OpenedLog extends AutoCloseable {

        /** @return the broker, host:port */
        String bootstrapServers();

        /** @return settings with which a client shows the broker who it is */
        Map<String, Object> clientProperties();

        /** @return the configuration of the server, with the keys of its commands as far as they are known */
        ServerConfig config();

        /** Stops what was started for it, and waits until that has stopped. */
        @Override
        void close();
    }

    /**
     * Finds Kafka and PostgreSQL of a server that runs on the data. Starts those of the two that do not run.
     *
     * @param folder the data, which must exist
     * @param settings by the keys of docs/configuration.md, as they were given to {@code millrace dev}
     * @throws io.millrace.infra.server.StartException if one of the two is not in it, or cannot start
     */
    Opened open(Path folder, Map<String, String> settings);

    /**
     * Finds the Kafka of a server that runs on the data. If none runs, starts that Kafka.
     *
     * @param folder the data, which must exist
     * @param settings by the keys of docs/configuration.md, as they were given to {@code millrace dev}
     * @throws io.millrace.infra.server.StartException if there is no Kafka in it, or it cannot start
     */
    OpenedLog openLog(Path folder, Map<String, String> settings);
}
