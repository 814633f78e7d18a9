package io.millrace.infra.dev;

import io.millrace.infra.cli.DevData;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.DatabaseOfFolder;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.KafkaOfFolder;
import java.nio.file.Path;
import java.util.Map;

/** Finds Kafka and PostgreSQL of a development server that runs, or runs them in this process. */
public final class EmbeddedDevData implements DevData {

    @Override
    public Opened open(Path folder, Map<String, String> settings) {
        ServerConfig config = DevServer.beside(folder, DevServer.config(folder, settings, System.getenv()));
        KafkaOfFolder kafka = KafkaOfFolder.open(folder);
        try {
            KafkaAccess access = kafka.access();
            DatabaseOfFolder database = DatabaseOfFolder.open(folder);
            return new Both(
                    kafka,
                    database,
                    config.withKafka(access.bootstrapServers(), access.properties())
                            .withDatabase(database.settings()));
        } catch (Throwable e) {
            kafka.close();
            throw e;
        }
    }

    @Override
    public OpenedLog openLog(Path folder, Map<String, String> settings) {
        return new Log(KafkaOfFolder.open(folder), folder, settings);
    }

    private record Log(KafkaOfFolder kafka, Path folder, Map<String, String> settings) implements OpenedLog {

        @Override
        public String bootstrapServers() {
            return kafka.access().bootstrapServers();
        }

        @Override
        public Map<String, Object> clientProperties() {
            return kafka.access().properties();
        }

        @Override
        public ServerConfig config() {
            ServerConfig config = DevServer.config(folder, settings, System.getenv());
            return CommandKeys.ifMade(folder).isPresent() ? DevServer.beside(folder, config) : config;
        }

        @Override
        public void close() {
            kafka.close();
        }
    }

    private record Both(KafkaOfFolder kafka, DatabaseOfFolder database, ServerConfig config) implements Opened {

        @Override
        public void close() {
            try (kafka) {
                database.close();
            }
        }
    }
}
