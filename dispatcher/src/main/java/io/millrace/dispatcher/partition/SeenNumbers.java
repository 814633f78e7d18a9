package io.millrace.dispatcher.partition;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.WriterStore;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import java.util.UUID;

/**
 * Tells copies from commands, by the numbers that their writers gave them. A MAC proves that a node made the record, and a copy of a
 * record has the same one. Only the state knows which numbers came before, and the state follows from the log. So whatever an outcome
 * says of a number is found out again whenever its command is carried out again. One thread.
 */
final class SeenNumbers {

    private final PartitionState state;
    /** Who wrote last: mostly the same as before. */
    private ByteString lastBytes = ByteString.EMPTY;

    private UUID last = new UUID(0, 0);

    SeenNumbers(PartitionState state) {
        this.state = state;
    }

    /**
     * @param proved what is known of the writer, as far as its MAC tells or its outcome says
     * @return the same, unless a node wrote the command: then what its number says; nothing changes
     */
    MacVerdict look(MacVerdict proved, CommandRecord command) {
        return switch (proved) {
            case MAC_VALID, MAC_COPIED, MAC_WITHOUT_NUMBER, MAC_OF_FORGOTTEN_WRITER -> byNumber(command);
            case MAC_UNCHECKED, MAC_MISSING, MAC_OF_UNKNOWN_KEY, MAC_WRONG, UNRECOGNIZED -> proved;
        };
    }

    private MacVerdict byNumber(CommandRecord command) {
        if (state.rules() < Rules.COPIES_KNOWN) {
            return MacVerdict.MAC_VALID;
        }
        if (!hasNumber(command)) {
            return MacVerdict.MAC_WITHOUT_NUMBER;
        }
        WriterStore.Found found = state.writers().look(writer(command), command.getWriterSequence());
        return switch (found) {
            case NEW -> MacVerdict.MAC_VALID;
            case SEEN -> MacVerdict.MAC_COPIED;
            case FORGOTTEN -> MacVerdict.MAC_OF_FORGOTTEN_WRITER;
        };
    }

    /**
     * Notes the number of a command that was carried out, also where nobody looked whether a node wrote it. One that raised the rules
     * to those that know numbers counts, too.
     *
     * @param proved what its MAC and its number proved
     */
    void take(MacVerdict proved, CommandRecord command) {
        if (state.rules() < Rules.COPIES_KNOWN || !hasNumber(command)) {
            return;
        }
        if (proved == MacVerdict.MAC_VALID) {
            state.writers().take(writer(command), command.getWriterSequence(), state.timeMs());
        } else if (proved == MacVerdict.MAC_UNCHECKED) {
            state.writers().passOver(writer(command), command.getWriterSequence(), state.timeMs());
        }
    }

    private UUID writer(CommandRecord command) {
        if (!command.getWriter().equals(lastBytes)) {
            lastBytes = command.getWriter();
            last = Ids.fromBytes(lastBytes);
        }
        return last;
    }

    private static boolean hasNumber(CommandRecord command) {
        ByteString writer = command.getWriter();
        return writer.size() == Bytes.ID && command.getWriterSequence() > 0;
    }
}
