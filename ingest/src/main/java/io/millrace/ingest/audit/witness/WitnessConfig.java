package io.millrace.ingest.audit.witness;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.millrace.ingest.audit.keys.KeyException;
import io.millrace.ingest.audit.tlog.VerifierKey;
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

    private static final ObjectMapper TOML = new TomlMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    /** The file, word for word. */
    private record Text(String name, String host, Integer port, String data, String keyFile, List<String> logs, List<String> logFiles) {}

    /** @throws KeyException if a key of the file is unknown, missing, or has a value that does not fit */
    public static WitnessConfig read(Path file) {
        try {
            Text text = TOML.readValue(Files.readString(file), Text.class);
            List<VerifierKey> logs = new ArrayList<>();
            for (String key : text.logs() == null ? List.<String>of() : text.logs()) {
                logs.add(VerifierKey.parse(key));
            }
            for (String keys : text.logFiles() == null ? List.<String>of() : text.logFiles()) {
                Files.readAllLines(Path.of(keys)).stream().filter(line -> !line.isBlank()).map(VerifierKey::parse).forEach(logs::add);
            }
            if (text.name() == null || text.data() == null || text.keyFile() == null || logs.isEmpty()) {
                throw new KeyException("expected name, data, keyFile, and logs or logFiles in " + file + ", but one is missing");
            }
            return new WitnessConfig(
                    text.name(),
                    text.host() == null ? "127.0.0.1" : text.host(),
                    text.port() == null ? 8010 : text.port(),
                    Path.of(text.data()),
                    Path.of(text.keyFile()),
                    logs);
        } catch (IOException e) {
            throw new KeyException("expected settings of a witness in " + file + ", but: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""), e);
        }
    }
}
