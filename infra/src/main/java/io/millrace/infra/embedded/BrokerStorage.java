package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;

/** Kafka's log folder, which has to be formatted once before a broker may start on it. */
final class BrokerStorage {

    /** Beside the log folder: the newest Kafka that wrote to it. */
    private static final String VERSION_FILE = "version";

    private BrokerStorage() {}

    /**
     * Formats the folder unless that was done before; what stands in it is never touched.
     *
     * @throws EmbeddedStartException if it cannot be formatted, or a newer Kafka has written to it, of which this one may
     *     read the wrong things or nothing
     */
    static void prepare(Path logFolder) {
        try {
            Path file = logFolder.resolveSibling(VERSION_FILE);
            String own = AppInfoParser.getVersion();
            String last = Files.exists(file) ? Files.readString(file).strip() : own;
            if (Runtime.Version.parse(last).compareTo(Runtime.Version.parse(own)) > 0) {
                throw new EmbeddedStartException("expected the data in " + logFolder.getParent() + " to be of Kafka " + own
                        + " or older, but Kafka " + last
                        + " has written to it; run the Millrace that did so, or choose another data folder");
            }
            formatIfNew(logFolder);
            Files.writeString(file, own);
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to prepare " + logFolder + " as Kafka's log folder, but: " + Failures.text(e), e);
        }
    }

    private static void formatIfNew(Path logFolder) {
        if (Files.exists(logFolder.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
            return;
        }
        try {
            Files.createDirectories(logFolder);
            new Formatter()
                    .setNodeId(BrokerSettings.NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .addDirectory(logFolder.toString())
                    .setMetadataLogDirectory(logFolder.toString())
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) {
            throw new EmbeddedStartException("expected to prepare " + logFolder
                    + " as Kafka's log folder, but: " + Failures.text(e), e);
        }
    }
}
