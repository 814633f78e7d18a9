package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.notifier.config.NotifierStats;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a benchmark runs against.
 *
 * @param host host of gRPC
 * @param port port of gRPC
 * @param httpPort port of HTTP
 * @param kafka the server's Kafka, to measure bare hops
 * @param database database of the read model
 * @param notifierStats counters of the notifier, if it runs in this process
 */
public record BenchTarget(
        String host,
        int port,
        int httpPort,
        KafkaAccess kafka,
        DatabaseSettings database,
        Optional<Supplier<NotifierStats>> notifierStats) {

    /** @return new clients */
    public BenchClient client() {
        return new BenchClient(host, port);
    }
}
