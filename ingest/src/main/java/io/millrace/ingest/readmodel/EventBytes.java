package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.EventRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a batch keeps of its events until they are written, one behind the other in few arrays. As objects they would be some ten each
 * of them, and whatever is alive when the garbage collector comes is copied object by object, while all wait. One thread.
 */
final class EventBytes {

    /** Size of an array, unless an event is larger. */
    private static final int PIECE = 64 << 10;

    private static final UUID NONE = new UUID(0, 0);

    /** Places of what an event has, from its beginning on. Behind the sizes stand type, data and hash. */
    private static final int OFFSET = 0;

    private static final int TIME = OFFSET + Long.BYTES;
    private static final int COMMAND = TIME + Long.BYTES;
    private static final int TASK = COMMAND + 2 * Long.BYTES;
    private static final int HAS = TASK + 2 * Long.BYTES;
    private static final int HISTORY = HAS + Integer.BYTES;
    private static final int TYPE_SIZE = HISTORY + Integer.BYTES;
    private static final int DATA_SIZE = TYPE_SIZE + Integer.BYTES;
    private static final int HASH_SIZE = DATA_SIZE + Integer.BYTES;
    private static final int REST = HASH_SIZE + Integer.BYTES;

    private static final int HAS_COMMAND = 1;
    private static final int HAS_TASK = 2;

    private final List<ByteBuffer> pieces = new ArrayList<>();

    /**
     * Keeps an event.
     *
     * @param offset of its record
     * @return by what it is asked for
     */
    long add(long offset, @Nullable UUID commandId, @Nullable UUID taskId, EventRecord event) {
        byte[] type = Texts.clean(event.getType()).getBytes(StandardCharsets.UTF_8);
        ByteString data = event.getData();
        ByteString hash = event.getHash();
        ByteBuffer piece = room(Math.addExact(REST + type.length + hash.size(), data.size()));
        long place = (long) (pieces.size() - 1) << Integer.SIZE | piece.position();
        piece.putLong(offset).putLong(event.getTimeMs());
        id(piece, commandId);
        id(piece, taskId);
        piece.putInt((commandId == null ? 0 : HAS_COMMAND) | (taskId == null ? 0 : HAS_TASK))
                .putInt(event.getHistorySequence())
                .putInt(type.length)
                .putInt(data.size())
                .putInt(hash.size())
                .put(type);
        data.copyTo(piece);
        hash.copyTo(piece);
        return place;
    }

    private ByteBuffer room(int bytes) {
        if (pieces.isEmpty() || pieces.getLast().remaining() < bytes) {
            // The first one is small: there are many batches of few events.
            int size = pieces.isEmpty() ? PIECE / 16 : PIECE;
            pieces.add(ByteBuffer.allocate(Math.max(size, bytes)));
        }
        return pieces.getLast();
    }

    private static void id(ByteBuffer piece, @Nullable UUID id) {
        UUID stored = id == null ? NONE : id;
        piece.putLong(stored.getMostSignificantBits()).putLong(stored.getLeastSignificantBits());
    }

    long offset(long event) {
        return piece(event).getLong(at(event) + OFFSET);
    }

    long timeMs(long event) {
        return piece(event).getLong(at(event) + TIME);
    }

    int historySequence(long event) {
        return piece(event).getInt(at(event) + HISTORY);
    }

    @Nullable
    UUID commandId(long event) {
        return id(event, HAS_COMMAND, COMMAND);
    }

    @Nullable
    UUID taskId(long event) {
        return id(event, HAS_TASK, TASK);
    }

    private @Nullable UUID id(long event, int has, int where) {
        ByteBuffer piece = piece(event);
        int at = at(event);
        return (piece.getInt(at + HAS) & has) == 0
                ? null
                : new UUID(piece.getLong(at + where), piece.getLong(at + where + Long.BYTES));
    }

    /** Adds its type, as PostgreSQL can hold it. */
    void type(long event, BinaryCopy to) {
        bytes(event, to, 0, TYPE_SIZE);
    }

    void data(long event, BinaryCopy to) {
        bytes(event, to, size(event, TYPE_SIZE), DATA_SIZE);
    }

    void hash(long event, BinaryCopy to) {
        bytes(event, to, size(event, TYPE_SIZE) + size(event, DATA_SIZE), HASH_SIZE);
    }

    private void bytes(long event, BinaryCopy to, int behind, int size) {
        to.bytea(piece(event).array(), at(event) + REST + behind, size(event, size));
    }

    private int size(long event, int which) {
        return piece(event).getInt(at(event) + which);
    }

    private ByteBuffer piece(long event) {
        return pieces.get((int) (event >>> Integer.SIZE));
    }

    private static int at(long event) {
        return (int) event;
    }
}
