package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds among many records those that name an execution, without reading the others. Immutable. */
final class Wanted {

    private final byte[] execution;
    private final ByteString executionId;
    /** Null where the execution is wanted as a whole. */
    private final byte @Nullable [] task;

    private final @Nullable ByteString taskId;

    Wanted(UUID execution, @Nullable UUID task) {
        this.execution = Ids.toBytes(execution);
        this.executionId = ByteString.copyFrom(this.execution);
        this.task = task == null ? null : Ids.toBytes(task);
        this.taskId = task == null ? null : Ids.toByteString(task);
    }

    /** @return whether one of the two names it, as what they are about or otherwise */
    boolean in(LogEntry entry) {
        return entry.outcome() != null && holds(entry.outcome().value(), execution)
                || entry.command() != null && holds(entry.command().value(), execution);
    }

    /** @return whether the command names what is wanted */
    boolean named(LogEntry entry) {
        return entry.command() != null && holds(entry.command().value(), task == null ? execution : task);
    }

    /** @return the outcome's events that are about the execution */
    List<EventRecord> events(@Nullable OutcomeRecord outcome) {
        return outcome == null
                ? List.of()
                : outcome.getEventsList().stream()
                        .filter(event -> event.getExecutionId().equals(executionId))
                        .toList();
    }

    boolean isAboutTask(EventRecord event) {
        return event.getTaskId().equals(taskId);
    }

    /** @return whether the bytes of the id stand anywhere in the record */
    static boolean holds(byte @Nullable [] record, byte[] id) {
        if (record == null) {
            return false;
        }
        // Ids of one time begin alike; their last bytes tell them apart.
        byte last = id[id.length - 1];
        byte beforeLast = id[id.length - 2];
        for (int end = id.length - 1; end < record.length; end++) {
            if (record[end] == last && record[end - 1] == beforeLast && isAt(record, end - id.length + 1, id)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAt(byte[] record, int from, byte[] id) {
        for (int i = 0; i < id.length; i++) {
            if (record[from + i] != id[i]) {
                return false;
            }
        }
        return true;
    }
}
