package io.millrace.infra.cli;

import io.millrace.infra.server.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the data of a development server. */
final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Data of a `millrace dev`, running or stopped: its Kafka is used, and its PostgreSQL where one is"
                            + " needed, whatever is configured.")
    private @Nullable Path data;

    /**
     * @return the folder, if one is named
     * @throws StartException if it does not exist
     */
    Optional<Path> folder() {
        return Optional.ofNullable(data).map(DataOption::existing);
    }

    private static Path existing(Path named) {
        Path folder = named.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new StartException(
                    "expected " + folder + " to be the data of `millrace dev`, but there is no such folder");
        }
        return folder;
    }

    /**
     * @return what opens such a folder
     * @throws StartException if it is not on this class path
     */
    static DevData opener() {
        return ServiceLoader.load(DevData.class)
                .findFirst()
                .orElseThrow(
                        () -> new StartException("expected the embedded Kafka and PostgreSQL for --data, but they are"
                                + " not on this class path; ./millrace puts them there"));
    }
}
