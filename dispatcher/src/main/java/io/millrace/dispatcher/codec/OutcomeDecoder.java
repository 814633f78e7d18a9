package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Subject;
import java.util.List;
import java.util.UUID;

/** Turns records of the events topic back into what the engine made. */
public final class OutcomeDecoder {

    private static final Status[] STATUSES = Status.values();
    private static final UUID NOBODY = new UUID(0, 0);

    private OutcomeDecoder() {}

    /**
     * @return what the record tells besides its events
     * @throws IllegalArgumentException the id of the command has not 16 bytes
     */
    public static EventFold.Recorded recorded(OutcomeRecord record) {
        return new EventFold.Recorded(
                record.getCommandOffset(),
                record.getCommandId().isEmpty() ? NOBODY : Ids.fromBytes(record.getCommandId()),
                record.getRulesVersion(),
                record.getTimeMs(),
                record.hasAppendedMs() ? record.getAppendedMs() : record.getTimeMs(),
                record.getPartitionHash().toByteArray(),
                record.getSettledCount() == 0
                        ? List.of()
                        : record.getSettledList().stream()
                                .map(OutcomeDecoder::settled)
                                .toList());
    }

    private static SettledDue settled(io.millrace.proto.v1.SettledDue record) {
        Due.Type[] types = Due.Type.values();
        if (record.getType() < 0 || record.getType() >= types.length) {
            throw new IllegalArgumentException(
                    "expected a type of due things from 0 to " + (types.length - 1) + ", but got " + record.getType());
        }
        return new SettledDue(
                new Due(
                        record.getAtMs(),
                        types[record.getType()],
                        Ids.fromBytes(record.getExecutionId()),
                        record.getReference()),
                record.getKeysList().stream().map(ByteString::toByteArray).toList());
    }

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
                status == 0 || status > STATUSES.length ? null : STATUSES[status - 1],
                record.getSubject() == Subject.TASK_EXECUTION,
                record.getHash().toByteArray());
    }
}
