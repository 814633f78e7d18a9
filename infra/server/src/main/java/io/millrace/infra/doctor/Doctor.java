package io.millrace.infra.doctor;

import io.millrace.infra.config.ClosedDoors;
import io.millrace.infra.config.NodeRole;
import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.config.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Looks at a configuration, and at all that it leads to: files, certificates, the issuer of tokens, Kafka, PostgreSQL and
 * other nodes. For one thread; waits for each for some seconds at the most, but for half a minute for a Kafka that says
 * nothing.
 */
public final class Doctor {

    private Doctor() {}

    /**
     * Looks at everything.
     *
     * @param config what is looked at
     * @param file from which its settings are, if there is one
     * @param development whether it is that of a development server, whose doors may be open to this machine
     * @param told of each finding as soon as it is there
     */
    public static void examine(ServerConfig config, Optional<Path> file, boolean development, Consumer<Finding> told) {
        configuration(config, development).forEach(told);
        FileCheck.findings(config, file).forEach(told);
        CertificateCheck.findings(config).forEach(told);
        IssuerCheck.findings(config).forEach(told);
        List<Finding> kafka = KafkaCheck.findings(config, development);
        kafka.forEach(told);
        if (config.has(NodeRole.INGEST)) {
            PostgresCheck.findings(config).forEach(told);
        }
        if (kafka.stream().noneMatch(finding -> finding.level() == Finding.Level.FAILURE)) {
            NodesCheck.findings(config).forEach(told);
        }
    }

    private static List<Finding> configuration(ServerConfig config, boolean development) {
        try {
            config.macs().expectKeys();
            if (!development) {
                ClosedDoors.expect(config);
            }
            return List.of(Finding.ok(
                    "configuration",
                    "node " + config.node() + " with "
                            + config.roles().stream()
                                    .map(NodeRole::key)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + (development ? ", for development" : ", and all doors are closed")));
        } catch (ConfigException e) {
            return List.of(unusable(e));
        }
    }

    /** @return the finding that the configuration cannot be used */
    public static Finding unusable(ConfigException why) {
        return Finding.failure(
                "configuration", String.valueOf(why.getMessage()), "change the setting; docs/configuration.md has all");
    }
}
