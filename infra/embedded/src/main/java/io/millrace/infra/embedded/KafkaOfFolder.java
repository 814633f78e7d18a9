package io.millrace.infra.embedded;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The Kafka in the folder of a development server, for commands beside it. If none runs there, one is started
 * for as long as this is open.
 */
public final class KafkaOfFolder implements AutoCloseable {

    private final KafkaAccess access;
    /** Empty if it runs in another process. */
    private final Optional<EmbeddedKafka> started;

    private KafkaOfFolder(KafkaAccess access, Optional<EmbeddedKafka> started) {
        this.access = access;
        this.started = started;
    }

    /**
     * Finds the Kafka, or starts it.
     *
     * @param data the folder of all data of the server
     * @throws EmbeddedStartException if there is no Kafka in the folder, or it cannot start
     */
    public static KafkaOfFolder open(Path data) {
        Path folder = data.resolve("kafka");
        if (!Password.isIn(folder)) {
            throw new EmbeddedStartException(
                    "expected " + data + " to be the data of `millrace dev`, but there is no Kafka in it");
        }
        if (FolderLock.isHeld(folder)) {
            KafkaAccess running = new KafkaAccess(
                    InetAddress.getLoopbackAddress().getHostAddress() + ":" + new LastPort(folder).last(),
                    BrokerSettings.client(Password.of(folder)));
            return new KafkaOfFolder(running, Optional.empty());
        }
        EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0);
        return new KafkaOfFolder(kafka.access(), Optional.of(kafka));
    }

    /** @return what its clients need */
    public KafkaAccess access() {
        return access;
    }

    /** Stops it if it was started here. */
    @Override
    public void close() {
        started.ifPresent(EmbeddedKafka::close);
    }
}
