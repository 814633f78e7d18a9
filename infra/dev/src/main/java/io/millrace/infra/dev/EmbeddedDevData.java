package io.millrace.infra.dev;

import io.millrace.infra.cli.DevData;
import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedBackends;
import io.millrace.infra.embedded.KafkaOfFolder;
import io.millrace.infra.topics.TopicPlan;
import java.nio.file.Path;
import java.util.Map;

/** Runs Kafka and PostgreSQL of a development server in this process. */
public final class EmbeddedDevData implements DevData {

    @Override
    public Opened open(Path folder, Map<String, String> settings) {
        ServerConfig config = DevServer.config(folder, settings, System.getenv());
        EmbeddedBackends backends = EmbeddedBackends.start(folder, TopicPlan.of(config), true);
        return new Running(backends, DevServer.on(backends, folder, config));
    }

    @Override
    public OpenedLog openLog(Path folder) {
        return new Log(KafkaOfFolder.open(folder));
    }

    private record Log(KafkaOfFolder kafka) implements OpenedLog {

        @Override
        public String bootstrapServers() {
            return kafka.access().bootstrapServers();
        }

        @Override
        public Map<String, Object> clientProperties() {
            return kafka.access().properties();
        }

        @Override
        public void close() {
            kafka.close();
        }
    }

    private record Running(EmbeddedBackends backends, ServerConfig config) implements Opened {

        @Override
        public DatabaseSettings database() {
            return backends.database().orElseThrow().join();
        }

        @Override
        public void close() {
            backends.close();
        }
    }
}
