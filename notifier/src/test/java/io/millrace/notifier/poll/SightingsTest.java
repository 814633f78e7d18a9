package io.millrace.notifier.poll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.proto.Shards;
import io.millrace.proto.v1.WorkType;
import org.junit.jupiter.api.Test;

class SightingsTest {

    private final Sightings sightings = new Sightings(60_000);
    private final WorkerId worker = new WorkerId(Shards.newId(), "w");

    @Test
    void aWorkerThatTakesTurnsIsSerial() {
        assertFalse(poll(WorkType.WORKFLOW, 0));
        assertTrue(poll(WorkType.TASK, 1_000));
        assertTrue(poll(WorkType.WORKFLOW, 2_000));
    }

    @Test
    void aWorkerThatHoldsBothAtOnceIsParallel() {
        assertFalse(begin(WorkType.WORKFLOW, 0));
        assertFalse(begin(WorkType.TASK, 10));
        end(WorkType.WORKFLOW, 20);
        assertFalse(begin(WorkType.WORKFLOW, 30));
        end(WorkType.TASK, 40);
        end(WorkType.WORKFLOW, 50);
        assertFalse(begin(WorkType.TASK, 60), "it held both a moment ago");
    }

    @Test
    void aWorkerOfOneTypeIsParallel() {
        assertFalse(poll(WorkType.TASK, 0));
        assertFalse(poll(WorkType.TASK, 1_000));
    }

    @Test
    void theFirstPollOfAWorkerThatRegisteredBothTypesIsSerial() {
        assertTrue(sightings.begin(worker, WorkType.WORKFLOW, true, 0));
        end(WorkType.WORKFLOW, 200);
        assertFalse(sightings.begin(worker, WorkType.WORKFLOW, true, 300), "it polls nothing else");
    }

    @Test
    void whatWasSeenLongAgoDoesNotCount() {
        poll(WorkType.WORKFLOW, 0);
        assertFalse(begin(WorkType.TASK, 60_000));
    }

    @Test
    void workersThatLeftAreForgotten() {
        poll(WorkType.WORKFLOW, 0);
        sightings.begin(new WorkerId(Shards.newId(), "other"), WorkType.TASK, false, 120_000);
        assertEquals(1, sightings.size());
    }

    private boolean poll(WorkType type, long at) {
        boolean serial = begin(type, at);
        end(type, at);
        return serial;
    }

    private boolean begin(WorkType type, long at) {
        return sightings.begin(worker, type, false, at);
    }

    private void end(WorkType type, long at) {
        sightings.end(worker, type, at);
    }
}
