package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.log.RecordedLog;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.logging.QuietKafka;
import io.millrace.infra.server.StartException;
import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.Moment;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.TypeConversionException;

/** The options by which commands find the log that they read. */
final class LogOptions {

    @Mixin
    private ServerOptions server;

    @Mixin
    private DataOption data;

    /**
     * How a Kafka is reached, and what has to be closed with it.
     *
     * @param macs gives the keys of its nodes as far as they are known; {@link CommandMacs#OFF} if none are
     */
    record Kafka(ClientSettings clients, Supplier<CommandMacs> macs, AutoCloseable started) implements AutoCloseable {

        @Override
        public void close() throws Exception {
            started.close();
        }
    }

    /** The log, and what has to be closed with it. */
    record Opened(RecordedLog log, Kafka kafka) implements AutoCloseable {

        @Override
        public void close() throws Exception {
            try (kafka) {
                log.close();
            }
        }
    }

    /**
     * @param online what asks a server for the same; empty where nothing does
     * @throws StartException if the data do not exist, or nothing says where Kafka is
     */
    Opened open(String online) throws Exception {
        Kafka kafka = kafka(online);
        try {
            return new Opened(new RecordedLog(kafka.clients()), kafka);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    /**
     * As {@link #open}, for what reads Kafka in another way.
     *
     * @param online as above
     */
    Kafka kafka(String online) {
        QuietKafka.clients();
        Optional<Path> folder = data.folder();
        if (folder.isEmpty()) {
            ServerConfig config = config(online);
            return new Kafka(config.kafka().clients(), () -> macs(config), () -> {});
        }
        DevData.OpenedLog kafka = DataOption.opener().openLog(folder.get(), server.settings());
        return new Kafka(
                new ClientSettings(kafka.bootstrapServers(), kafka.clientProperties()),
                () -> macs(kafka.config()),
                kafka);
    }

    private static CommandMacs macs(ServerConfig config) {
        return config.macs().lacksKeys() ? CommandMacs.OFF : config.macs().macs();
    }

    private ServerConfig config(String online) {
        try {
            return server.load(Map.of());
        } catch (ConfigException e) {
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
