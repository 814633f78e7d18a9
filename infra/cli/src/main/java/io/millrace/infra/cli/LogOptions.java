package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.log.Moment;
import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.config.ConfigurationException;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.logging.QuietKafka;
import io.millrace.infra.server.StartException;
import io.millrace.proto.kafka.ClientSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options by which commands find the log that they read. */
final class LogOptions {

    @Mixin
    private ServerOptions server;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data of a `millrace dev`, running or stopped: its Kafka is read, whatever is configured.")
    private Path data;

    /** The log, and what has to be closed with it. */
    record Opened(RecordedLog log, AutoCloseable kafka) implements AutoCloseable {

        @Override
        public void close() throws Exception {
            try (kafka) {
                log.close();
            }
        }
    }

    /**
     * @param online what asks a server for the same; empty where nothing does
     *
     * @throws StartException if the data do not exist, or nothing says where Kafka is
     */
    Opened open(String online) {
        QuietKafka.clients();
        if (data == null) {
            ServerConfig config = config(online);
            return new Opened(
                    new RecordedLog(new ClientSettings(
                            config.kafka().bootstrapServers(), config.kafka().properties())),
                    () -> {});
        }
        Path folder = data.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw new StartException(
                    "expected " + folder + " to be the data of `millrace dev`, but there is no such folder");
        }
        DevData.OpenedLog kafka = ServiceLoader.load(DevData.class)
                .findFirst()
                .orElseThrow(() ->
                        new StartException("expected the embedded Kafka for --data, but it is not on this class path;"
                                + " ./millrace puts it there"))
                .openLog(folder);
        try {
            return new Opened(
                    new RecordedLog(new ClientSettings(kafka.bootstrapServers(), kafka.clientProperties())), kafka);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    private ServerConfig config(String online) {
        try {
            return server.load(Map.of());
        } catch (ConfigurationException e) {
            throw new StartException(
                    e.getMessage()
                            + "; this command asks no server and looks at no context, also none of MILLRACE_CONTEXT:"
                            + " it reads Kafka, which --data names as that of a `millrace dev`, or else"
                            + " kafka.bootstrap_servers"
                            + (online.isEmpty() ? "" : "; `millrace " + online + "` asks a server"),
                    e);
        }
    }

    /** Reads a moment. */
    static final class Moments implements ITypeConverter<Moment> {

        @Override
        public Moment convert(String text) {
            try {
                return Moment.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
