package io.millrace.infra.cli;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens the data of a {@code millrace dev}. It is found as a service, since it needs a Kafka and a PostgreSQL in the
 * process, which are not on the class path of production.
 */
public interface DevData {

    /** Kafka and PostgreSQL on the data, without a server. They run until this is closed. */
    interface Opened extends AutoCloseable {

        /** @return where the database is; waits until the database has started */
        DatabaseSettings database();

        /** @return the configuration of a node on this Kafka, with the keys of its commands */
        ServerConfig config();

        /** Stops both and waits until they have stopped. */
        @Override
        void close();
    }

    /** The Kafka of the data, for commands that only read it. */
    interface OpenedLog extends AutoCloseable {

        /** @return the broker, host:port */
        String bootstrapServers();

        /** @return settings with which a client shows the broker who it is */
        Map<String, Object> clientProperties();

        /** Stops what was started for it, and waits until that has stopped. */
        @Override
        void close();
    }

    /**
     * @param folder the data, which must exist
     * @param settings by the keys of docs/configuration.md, as they were given to {@code millrace dev}
     * @throws io.millrace.infra.server.StartException if one of the two cannot start
     */
    Opened open(Path folder, Map<String, String> settings);

    /**
     * Finds the Kafka of a server that runs on the data. If none runs, starts that Kafka.
     *
     * @param folder the data, which must exist
     * @throws io.millrace.infra.server.StartException if there is no Kafka in it, or it cannot start
     */
    OpenedLog openLog(Path folder);
}
