package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.torture.FaultPlan.Planned;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A plan of faults is made from its seed alone, and leaves somebody who serves. */
class FaultPlanTest {

    private static final int NODES = 3;
    private static final int BROKERS = 3;
    private static final Duration LONG = Duration.ofMinutes(60);

    private static List<Planned> plan(long seed) {
        return FaultPlan.of(seed, EnumSet.allOf(Fault.class), NODES, BROKERS, LONG)
                .faults();
    }

    @Test
    void theSameSeedGivesTheSamePlanAndAnotherOneAnother() {
        assertEquals(plan(7), plan(7));
        assertNotEquals(plan(7), plan(8));
        assertFalse(plan(7).isEmpty());
    }

    @Test
    void nothingHappensToAPartThatIsNotBackYet() {
        List<Planned> faults = plan(3);
        for (Fault.Part part : Fault.Part.values()) {
            long free = 0;
            for (Planned fault : faults) {
                if (fault.fault().parts().contains(part)) {
                    assertTrue(fault.beginMs() >= free, fault::toString);
                    free = fault.beginMs() + fault.lengthMs();
                }
            }
        }
    }

    @Test
    void allKindsHappenToAllTargetsWithinTheTime() {
        List<Planned> faults = plan(1);

        assertEquals(
                EnumSet.allOf(Fault.class), faults.stream().map(Planned::fault).collect(Collectors.toSet()));
        assertEquals(Set.of(0, 1, 2), faults.stream().map(Planned::target).collect(Collectors.toSet()));
        assertEquals(Set.of(0, 1, 2), faults.stream().map(Planned::broker).collect(Collectors.toSet()));
        assertTrue(faults.stream().allMatch(fault -> fault.beginMs() < LONG.toMillis()));
    }

    @Test
    void onlyWhatWasAskedForHappens() {
        List<Planned> faults = FaultPlan.of(1, Set.of(Fault.KAFKA_KILLED), NODES, BROKERS, LONG)
                .faults();

        assertEquals(
                Set.of(Fault.KAFKA_KILLED), faults.stream().map(Planned::fault).collect(Collectors.toSet()));
    }

    @Test
    void aMachineIsANodeAndItsBrokerAndTwoNodesAreNeverOne() {
        for (Planned fault : plan(1)) {
            if (fault.fault() == Fault.MACHINE_KILLED || fault.fault() == Fault.MACHINE_ASLEEP) {
                assertEquals(fault.target(), fault.broker());
            }
            assertNotEquals(fault.target(), fault.otherNode(NODES));
            assertTrue(fault.otherNode(NODES) < NODES);
        }
    }
}
