package io.millrace.infra.containers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.infra.config.DatabaseSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The main job on the images that installations run: a real broker and a real database, each a process of its own. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ContainersTest {

    private static final String POSTGRES = "postgres:18";

    @BeforeAll
    static void needsDocker() {
        // Asking Testcontainers where there is surely none costs seconds and fills the log with traces.
        boolean perhaps = System.getenv("DOCKER_HOST") != null
                || Files.exists(Path.of("/var/run/docker.sock"))
                || Files.exists(Path.of(System.getProperty("user.home"), ".docker"))
                || Files.exists(Path.of(System.getProperty("user.home"), ".testcontainers.properties"));
        assumeTrue(
                perhaps && DockerClientFactory.instance().isDockerAvailable(),
                "expected Docker, to run Kafka and PostgreSQL in containers, but there is none here");
    }

    @ParameterizedTest
    @ValueSource(strings = {"apache/kafka-native:4.3.1", "apache/kafka:4.3.1"})
    void theMainJobRunsOn(String kafkaImage) throws Exception {
        try (KafkaContainer kafka = new KafkaContainer(kafkaImage);
                PostgreSQLContainer postgres = new PostgreSQLContainer(POSTGRES)) {
            kafka.start();
            postgres.start();
            MainJob.run(
                    kafka.getBootstrapServers(),
                    new DatabaseSettings(
                            postgres.getJdbcUrl(),
                            postgres.getUsername(),
                            postgres.getPassword(),
                            DatabaseSettings.POOL_SIZE));
        }
    }
}
