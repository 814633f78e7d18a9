package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be done is left out, and said. */
class SurroundingsTest {

    private final Findings findings = new Findings();

    @TempDir
    private Path folder;

    private static TortureOptions options(int brokers, Set<Fault> faults) {
        return new TortureOptions(Duration.ofMinutes(1), 1, 3, brokers, 1, faults, false, Duration.ofMinutes(1));
    }

    @Test
    void linksOfASingleBrokerAreLeftOutAndTheReportSaysSo() {
        Set<Fault> asked = Set.of(Fault.NODE_KILLED, Fault.NODES_CUT, Fault.BROKER_CUT_OFF);
        try (Surroundings surroundings = new Surroundings(options(1, asked), folder, findings)) {
            assertEquals(Set.of(Fault.NODE_KILLED), surroundings.faults());
            assertEquals(List.of(), surroundings.withinNode(0));
            assertEquals("127.0.0.1", surroundings.brokerAddress(0));
        }
        assertEquals(
                List.of(
                        "NODES_CUT (two nodes are cut off from each other): links are cut where there are several brokers",
                        "BROKER_CUT_OFF (a broker is cut off from all others): links are cut where there are several brokers"),
                findings.leftOut());
    }

    @Test
    void aRunWithoutAnyFaultThatCanBeDoneDoesNotBegin() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> new Surroundings(options(1, Set.of(Fault.NODES_CUT)), folder, findings));
        assertTrue(refused.getMessage().contains("NODES_CUT"), refused::getMessage);
    }

    @Test
    void whatNeedsNothingTakesNothing() {
        Set<Fault> asked = Set.of(Fault.MACHINE_KILLED, Fault.KAFKA_STOPPED);
        try (Surroundings surroundings = new Surroundings(options(3, asked), folder, findings)) {
            assertEquals(asked, surroundings.faults());
            assertEquals(List.of(), surroundings.withinBroker(2));
        }
        assertEquals(List.of(), findings.leftOut());
    }
}
