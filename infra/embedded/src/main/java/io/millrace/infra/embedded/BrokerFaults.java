package io.millrace.infra.embedded;

import java.util.concurrent.CompletableFuture;
import kafka.server.FaultHandlerFactory;
import org.apache.kafka.server.fault.FaultHandler;
import org.apache.kafka.server.fault.FaultHandlerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the faults of the broker's parts into exceptions. Kafka's own handler ends the whole JVM. That is right for a
 * process that is only a broker, but wrong for one that also holds a server or a test.
 */
final class BrokerFaults implements FaultHandlerFactory {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerFaults.class);

    private final CompletableFuture<Void> stopped;

    /** @param stopped completed exceptionally by the first fault that ends the broker */
    BrokerFaults(CompletableFuture<Void> stopped) {
        this.stopped = stopped;
    }

    @Override
    public FaultHandler build(String part, boolean fatal, Runnable action) {
        return (message, cause) -> {
            FaultHandlerException fault = new FaultHandlerException("Kafka's " + part + ": " + message, cause);
            LOG.error("embedded Kafka fault, fatal={}", fatal, fault);
            action.run();
            if (fatal) {
                stopped.completeExceptionally(fault);
            }
            return fault;
        };
    }
}
