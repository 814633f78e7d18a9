package io.millrace.infra.cli;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens the data of a {@code millrace dev}. Found as a service: it needs a Kafka and a PostgreSQL in the process,
 * which are not on the class path of production.
 */
public interface DevData {

    /** Its Kafka and its PostgreSQL, which run until this is closed, and no server on them. */
    interface Opened extends AutoCloseable {

        /** @return where the database is; waits until it has started */
        DatabaseSettings database();

        /** @return the configuration of a node on this Kafka, with the keys of its commands */
        ServerConfig config();

        /** Stops both and waits until they have. */
        @Override
        void close();
    }

    /** Its Kafka, for whoever only reads it. */
    interface OpenedLog extends AutoCloseable {

        /** @return the broker, host:port */
        String bootstrapServers();

        /** @return settings by which a client of the broker shows who it is */
        Map<String, Object> clientProperties();

        /** Stops what was started for it, and waits until it has. */
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
     * Finds the Kafka of a server that runs on the data, or starts that of one that is stopped.
     *
     * @param folder the data, which must exist
     * @throws io.millrace.infra.server.StartException if there is no Kafka in it, or it cannot start
     */
    OpenedLog openLog(Path folder);
}
