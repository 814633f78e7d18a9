package io.millrace.dispatcher.codec;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.Subject;
import org.jspecify.annotations.Nullable;

/** Turns events as they stand in records back into what the engine made. {@link OutcomeBytes} does so for whole outcomes. */
public final class OutcomeDecoder {

    private static final Status[] STATUSES = Status.values();

    private OutcomeDecoder() {}

    /**
     * @return the event
     * @throws IllegalArgumentException an id in it has not 16 bytes
     */
    public static SealedEvent event(EventRecord record) {
        return new SealedEvent(
                Ids.fromBytesOrNull(record.getExecutionId()),
                Ids.fromBytes(record.getOrgId()),
                Ids.fromBytesOrNull(record.getTaskId()),
                record.getHistorySequence(),
                record.getChainSequence(),
                record.getType(),
                record.getData().toByteArray(),
                record.getTimeMs(),
                status(record.getStatusValue()),
                record.getSubject() == Subject.TASK_EXECUTION,
                record.getHash().toByteArray());
    }

    /** @return the status of the number in records; null for one that is not known, and for none */
    static @Nullable Status status(int number) {
        return number <= 0 || number > STATUSES.length ? null : STATUSES[number - 1];
    }
}
