package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The console's types fit each other and the description of the API. Skipped where there is no compiler of TypeScript. */
class TypesTest {

    @Test
    void theConsoleAgreesWithTheDescriptionOfTheApi() throws IOException, InterruptedException {
        Optional<Path> tsc = Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "tsc"))
                .filter(Files::isExecutable)
                .findFirst();
        Assumptions.assumeTrue(
                tsc.isPresent(), "there is no tsc on the PATH; with Node `npm install --global typescript` brings it");
        assertTrue(
                Files.exists(Repository.file("infra/console/target/web/schema.ts")),
                "expected the types that the build makes of the API's description");
        Process check = new ProcessBuilder(
                        tsc.orElseThrow().toString(),
                        "-p",
                        Repository.file("infra/console/src/main/web").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals("", said);
        assertEquals(0, check.waitFor());
    }
}
