package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.config.ServerConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeFileTest {

    private static final String ODD = "user=\"a\\b\";";

    @TempDir
    private Path folder;

    @Test
    void aNodeReadsWhatWasWrittenWhateverCharactersAreInIt() throws Exception {
        KafkaAccess kafka = new KafkaAccess("127.0.0.1:9092", Map.of("sasl.jaas.config", ODD));

        Path file = NodeFile.write(
                folder.resolve("made"),
                kafka,
                Map.of(
                        "server.node", "a \"node\"",
                        "topics.partitions", "6",
                        "commands.mac.mode", "write",
                        "commands.mac.key_file", CommandKeys.in(folder).toString()));

        ServerConfig config = ServerConfig.load(Map.of(), Map.of(), Optional.of(file));
        assertEquals("a \"node\"", config.node());
        assertEquals(6, config.topics().partitions());
        assertEquals(1, config.topics().replicationFactor());
        assertEquals("127.0.0.1:9092", config.kafka().bootstrapServers());
        assertEquals(ODD, config.kafka().properties().get("sasl.jaas.config"));
        assertEquals(folder.resolve("made").resolve("data").toAbsolutePath(), config.data());
    }
}
