package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.Subject;

/** Turns records of the events topic back into what the engine made. */
public final class OutcomeDecoder {

    private OutcomeDecoder() {}

    /**
     * @return the event
     * @throws IllegalArgumentException an id in it has not 16 bytes
     */
    public static SealedEvent event(EventRecord record) {
        int status = record.getStatusValue();
        return new SealedEvent(
                Ids.fromBytesOrNull(record.getExecutionId()),
                Ids.fromBytes(record.getOrgId()),
                Ids.fromBytesOrNull(record.getTaskId()),
                record.getHistorySequence(),
                record.getChainSequence(),
                record.getType(),
                record.getData().toByteArray(),
                record.getTimeMs(),
                status == 0 || status > Status.values().length ? null : Status.values()[status - 1],
                record.getSubject() == Subject.TASK_EXECUTION,
                record.getHash().toByteArray());
    }
}
