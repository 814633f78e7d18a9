package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A folder remembers the newest Kafka that wrote to it. */
class BrokerStorageTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "4.4.0, 4.3.1, true",
        "4.0.0, 4.0.0, false",
        "4.3.1, 4.4.0, false",
        "4.10.0, 4.9.1, true",
        "5.0.0, 4.9.1, true",
        "4.4.0-rc1, 4.3.1, true",
        "'', 4.4.0, false",
        "unknown, 4.4.0, false",
        "4.4.0, unknown, false",
    })
    void comparesVersionsNumberByNumber(String version, String other, boolean newer) {
        assertEquals(newer, BrokerStorage.isNewer(version, other));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "4.", "3.0.0", "unknown"})
    void startsAfterAnOlderOrAnUnknownKafka(String written) throws Exception {
        Path version = Files.writeString(folder.resolve("version"), written);

        BrokerStorage.prepare(folder.resolve("log"), BrokerSettings.NODE_ID, Uuid.randomUuid());

        assertEquals(AppInfoParser.getVersion(), Files.readString(version));
    }

    @Test
    void writesNothingWhereNothingChanged() throws Exception {
        BrokerStorage.prepare(folder.resolve("log"), BrokerSettings.NODE_ID, Uuid.randomUuid());
        FileTime before = FileTime.fromMillis(0);
        Files.setLastModifiedTime(folder.resolve("version"), before);

        BrokerStorage.prepare(folder.resolve("log"), BrokerSettings.NODE_ID, Uuid.randomUuid());

        assertEquals(before, Files.getLastModifiedTime(folder.resolve("version")));
    }

    @Test
    void refusesWhatANewerKafkaWrote() throws Exception {
        Files.writeString(folder.resolve("version"), "99.0.0");

        EmbeddedStartException refusal = assertThrows(
                EmbeddedStartException.class,
                () -> BrokerStorage.prepare(folder.resolve("log"), BrokerSettings.NODE_ID, Uuid.randomUuid()));

        assertTrue(refusal.getMessage().contains("but Kafka 99.0.0 has written to it"), refusal::getMessage);
    }
}
