package io.millrace.ingest.audit.witness;

import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.config.ConfigException;
import io.millrace.ingest.config.TomlFile;
import io.millrace.ingest.config.TomlTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of a witness, as its file has them.
 *
 * @param name of the witness
 * @param host address to listen on
 * @param port to listen on
 * @param data folder where it stores what it has signed
 * @param keyFile file of its keys
 * @param logs verifier keys of the logs whose checkpoints it signs
 */
public record WitnessConfig(String name, String host, int port, Path data, Path keyFile, List<VerifierKey> logs) {

    private static final String LOCAL = "127.0.0.1";
    private static final int PORT = 8010;

    /** @throws ConfigException if a key of the file is unknown, missing, or has a value that does not fit */
    public static WitnessConfig read(Path file) {
        TomlTable table = new TomlTable("", TomlFile.read(file));
        try {
            List<VerifierKey> logs = new ArrayList<>();
            table.texts("logs").ifPresent(keys -> keys.forEach(key -> logs.add(VerifierKey.parse(key))));
            table.texts("log_files").ifPresent(files -> files.forEach(keys -> logs.addAll(keys(Path.of(keys)))));
            WitnessConfig config = new WitnessConfig(
                    table.requiredText("name"),
                    table.text("host").orElse(LOCAL),
                    table.number("port").orElse(PORT),
                    Path.of(table.requiredText("data")),
                    Path.of(table.requiredText("key_file")),
                    logs);
            table.end();
            if (logs.isEmpty()) {
                throw new ConfigException("expected logs or log_files to name a log, but there is none");
            }
            return config;
        } catch (ConfigException | TlogException e) {
            throw new ConfigException(file + ": " + e.getMessage(), e);
        }
    }

    private static List<VerifierKey> keys(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .map(VerifierKey::parse)
                    .toList();
        } catch (IOException e) {
            throw new ConfigException(
                    "expected verifier keys in " + file + ", but it cannot be read: " + e.getMessage(), e);
        }
    }
}
