package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.cli.TemporaryFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A short run on real parts, at whose end somebody changes the read model: all is right but that. */
@Order(1)
class TortureTest {

    private static final Set<Fault> FAULTS = EnumSet.of(
            Fault.NODE_KILLED,
            Fault.NODE_STOPPED,
            Fault.NODE_ASLEEP,
            Fault.WORKER_DEAD,
            Fault.KAFKA_KILLED,
            Fault.KAFKA_ASLEEP,
            Fault.DATABASE_KILLED,
            Fault.DATABASE_ASLEEP);

    @Test
    void nothingIsWrongButWhatWasForged() throws Exception {
        TortureOptions options =
                new TortureOptions(Duration.ofSeconds(20), 5, 2, 1, 3, FAULTS, false, Duration.ofMinutes(8));
        Path folder = TemporaryFolder.make("millrace-torture-test");
        try {
            Findings findings = new Torture(
                            options,
                            folder,
                            new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                            TortureTest::forge)
                    .run();

            List<String> texts = findings.texts();
            assertEquals(1, texts.size(), texts::toString);
            assertTrue(texts.getFirst().contains("`millrace audit compare "), texts::toString);
            assertTrue(texts.getFirst().contains("differs from the log in queue"), texts::toString);
            assertTrue(findings.counted("starts acknowledged") > 0);
            assertEquals(findings.counted("starts acknowledged"), findings.counted("orders ended"));
            assertTrue(
                    findings.counts().keySet().stream().anyMatch(what -> what.startsWith("fault: ")),
                    () -> findings.counts().toString());
            assertEquals(1, findings.counted("checked: the log carried out again gives what was recorded"));
            assertEquals(5, findings.counted("proofs checked"));
        } finally {
            TemporaryFolder.delete(folder);
        }
    }

    private static void forge(Installation installation) throws IOException {
        try (Connection connection = DriverManager.getConnection(
                        installation.database().jdbcUrl(),
                        installation.database().user(),
                        installation.database().password());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE workflow_executions SET queue = 'forged' WHERE id ="
                    + " (SELECT id FROM workflow_executions ORDER BY id LIMIT 1)");
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
