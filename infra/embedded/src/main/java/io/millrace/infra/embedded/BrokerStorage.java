package io.millrace.infra.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;

/** Kafka's log folder. It has to be formatted once before a broker may start on it. */
final class BrokerStorage {

    /** File beside the log folder. It names the newest Kafka that wrote to the folder. */
    private static final String VERSION_FILE = "version";

    private static final Pattern NUMBERS = Pattern.compile("\\d{1,9}(\\.\\d{1,9})*");

    private BrokerStorage() {}

    /**
     * Formats the folder, unless that was done before. Never touches what stands in it.
     *
     * @param id of the node
     * @param cluster which Kafka it is part of; counts for a new folder only
     * @throws EmbeddedStartException if the folder cannot be formatted, or a newer Kafka has written to it; this one
     *     might read wrong things there, or nothing
     */
    static void prepare(Path logFolder, int id, Uuid cluster) {
        try {
            Path file = logFolder.resolveSibling(VERSION_FILE);
            String own = AppInfoParser.getVersion();
            String last = Files.exists(file) ? Files.readString(file).strip() : "";
            if (isNewer(last, own)) {
                throw new EmbeddedStartException(
                        "expected the data in " + logFolder.getParent() + " to be of Kafka " + own
                                + " or older, but Kafka " + last
                                + " has written to it; run the Millrace that did so, or choose another data folder");
            }
            formatIfNew(logFolder, id, cluster);
            if (!last.equals(own)) {
                Path draft = file.resolveSibling(VERSION_FILE + ".new");
                Files.writeString(draft, own);
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to prepare " + logFolder + " as Kafka's log folder, but: " + FailureText.of(e), e);
        }
    }

    /** @return whether the first version certainly comes after the other one, as 4.10.0 does after 4.9.1 */
    static boolean isNewer(String version, String other) {
        Optional<int[]> numbers = numbers(version);
        Optional<int[]> others = numbers(other);
        return numbers.isPresent() && others.isPresent() && Arrays.compare(numbers.get(), others.get()) > 0;
    }

    /**
     * @return the numbers that the version begins with; nothing if it begins with none, as a file that was cut short
     *     may
     */
    private static Optional<int[]> numbers(String version) {
        Matcher found = NUMBERS.matcher(version);
        return found.lookingAt()
                ? Optional.of(Arrays.stream(found.group().split("\\."))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                : Optional.empty();
    }

    private static void formatIfNew(Path logFolder, int id, Uuid cluster) {
        if (Files.exists(logFolder.resolve(MetaPropertiesEnsemble.META_PROPERTIES_NAME))) {
            return;
        }
        try {
            Files.createDirectories(logFolder);
            new Formatter()
                    .setNodeId(id)
                    .setClusterId(cluster.toString())
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .addDirectory(logFolder.toString())
                    .setMetadataLogDirectory(logFolder.toString())
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .run();
        } catch (Exception e) {
            throw new EmbeddedStartException(
                    "expected to prepare " + logFolder + " as Kafka's log folder, but: " + FailureText.of(e), e);
        }
    }
}
