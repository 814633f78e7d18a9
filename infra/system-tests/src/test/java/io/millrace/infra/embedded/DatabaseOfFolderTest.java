package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.config.DatabaseSettings;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseOfFolderTest {

    @TempDir
    private Path data;

    @Test
    void findsTheOneThatRunsAndStartsOneThatIsStopped() throws Exception {
        try (EmbeddedDatabase running = EmbeddedDatabase.start(data.resolve("postgres"))) {
            try (DatabaseOfFolder found = DatabaseOfFolder.open(data)) {
                assertEquals(running.jdbcUrl(), found.settings().url());
                run(found, "CREATE TABLE there ()");
            }
            try (DatabaseOfFolder again = DatabaseOfFolder.open(data)) {
                run(again, "TABLE there"); // whoever only used it has not stopped it
            }
        }
        try (DatabaseOfFolder started = DatabaseOfFolder.open(data)) {
            run(started, "TABLE there");
        }
    }

    @Test
    void saysThatThereIsNoneInAFolder() {
        String text = assertThrows(EmbeddedStartException.class, () -> DatabaseOfFolder.open(data))
                .getMessage();

        assertTrue(text.endsWith("but there is no PostgreSQL in it"), text);
    }

    private static void run(DatabaseOfFolder database, String statement) throws SQLException {
        DatabaseSettings settings = database.settings();
        Sql.execute(settings.url(), settings.password(), statement);
    }
}
