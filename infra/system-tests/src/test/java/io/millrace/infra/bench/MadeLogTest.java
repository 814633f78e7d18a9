package io.millrace.infra.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.testing.TempFolder;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What `bench replay` measures with: a log that no server wrote. */
class MadeLogTest {

    private static final int PARTITIONS = 4;

    /** The benchmark itself compares what it finds with what was made, and fails where the two differ. */
    @Test
    void isALogOfWhichTheSameComesAgainAndThatTellsOfThePast() throws Exception {
        try (TempFolder folder = new TempFolder()) {
            Path data = Files.createTempDirectory(folder.path(), "data");
            CommandMacs macs = new CommandMacs(MacMode.REQUIRE, MacKeys.read(CommandKeys.in(data)));
            try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"), 0)) {
                MadeLog made = MadeLog.in(kafka, macs, PARTITIONS, PARTITIONS * MadeLog.LEAST_OF_PARTITION);
                Report report = Report.ofWholeRounds("replay", "a small one");

                ReplayBench.look(report, kafka.access(), made);

                assertEquals(PARTITIONS * MadeLog.LEAST_OF_PARTITION, made.commands());
                assertTrue(made.events() > 2 * made.commands(), made::toString);
                assertTrue(made.underWay() > 0 && made.longEvents() > 200, made::toString);
                assertTrue(report.spread("verify", "commands/s").median() > 0);
            }
        }
    }
}
