package io.millrace.infra.cli;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.StartException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** The options by which commands find Kafka and PostgreSQL of an installation. */
final class NodeOptions {

    @Mixin
    private ServerOptions server;

    @Mixin
    private DataOption data;

    /**
     * How a node would be configured that belongs to the installation.
     *
     * @param development whether it is a development server
     * @param started what has to be closed with it
     */
    record Opened(ServerConfig config, boolean development, AutoCloseable started) implements AutoCloseable {

        /**
         * @return where its database is
         * @throws StartException if none is configured
         */
        DatabaseSettings database() {
            return config.database()
                    .orElseThrow(
                            () -> new StartException("expected postgres.url to name a database, but it is not set"));
        }

        @Override
        public void close() throws Exception {
            started.close();
        }
    }

    /** @return the file of settings, if one was named */
    Optional<Path> file() {
        return server.file();
    }

    /**
     * @throws StartException if there are no data where they are said to be, or nothing can be started on them
     * @throws io.millrace.ingest.config.ConfigException if the configuration cannot be used
     */
    Opened open() {
        Optional<Path> folder = data.folder();
        if (folder.isEmpty()) {
            return new Opened(server.load(Map.of()), false, () -> {});
        }
        DevData.Opened opened = DataOption.opener().open(folder.get(), server.settings());
        return new Opened(opened.config(), true, opened);
    }
}
