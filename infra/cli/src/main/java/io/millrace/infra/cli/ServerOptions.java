package io.millrace.infra.cli;

import io.millrace.infra.config.ServerConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which commands find their configuration. */
final class ServerOptions {

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "TOML file of settings; docs/configuration.md lists them.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one setting, whatever file and environment say. May be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /** @return the settings that were given by {@code --set} */
    Map<String, String> settings() {
        return settings;
    }

    /** @return the file of settings, if one was named */
    Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** @param more settings that have command line options of their own */
    ServerConfig load(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(more);
        return ServerConfig.load(all, System.getenv(), Optional.ofNullable(file));
    }
}
