package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows in the form that {@code COPY … FROM STDIN (FORMAT binary)} takes: the fastest way into PostgreSQL. Values are written
 * in the order of the columns, whose types they must have exactly. Rows lie in few arrays of no great size, which costs a garbage
 * collector less than to copy what they were made of. One thread.
 */
final class BinaryCopy {

    /** Signature, no flags, no extension: as PostgreSQL's manual has it under COPY, "Binary Format". */
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    /** In the place of a row's number of columns: there are no more. */
    private static final byte[] TRAILER = {-1, -1};

    /** Size of a full array, unless a row is larger. */
    private static final int PIECE = 64 << 10;

    private static final int FIRST_ROOM = 1 << 10;

    private final String statement;
    private final int columns;
    /** Full ones, before {@link #bytes}; each begins with a row but the first, which begins with the header. */
    private final List<byte[]> pieces = new ArrayList<>();

    private byte[] bytes = new byte[FIRST_ROOM];
    private int length;
    private int rows;

    /** @param columns names of all columns, in order */
    BinaryCopy(String table, String... columns) {
        this.statement = "COPY " + table + " (" + String.join(", ", columns) + ") FROM STDIN (FORMAT binary)";
        this.columns = columns.length;
        put(HEADER);
    }

    /** Begins a row; a value for each column has to follow. */
    void row() {
        if (length >= PIECE) {
            pieces.add(Arrays.copyOf(bytes, length));
            length = 0;
        }
        room(2);
        bytes[length++] = (byte) (columns >> 8);
        bytes[length++] = (byte) columns;
        rows++;
    }

    void integer(int value) {
        int32(4);
        int32(value);
    }

    void bigint(long value) {
        int32(8);
        int64(value);
    }

    void uuid(@Nullable UUID value) {
        if (value == null) {
            int32(-1);
            return;
        }
        int32(16);
        int64(value.getMostSignificantBits());
        int64(value.getLeastSignificantBits());
    }

    void text(@Nullable String value) {
        if (value == null) {
            int32(-1);
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int32(utf8.length);
        put(utf8);
    }

    void bytea(@Nullable ByteString value) {
        if (value == null) {
            int32(-1);
            return;
        }
        int32(value.size());
        room(value.size());
        value.copyTo(bytes, length);
        length += value.size();
    }

    /** Adds bytes that stand in others. */
    void bytea(byte[] from, int offset, int size) {
        int32(size);
        room(size);
        System.arraycopy(from, offset, bytes, length, size);
        length += size;
    }

    /** Adds a value of type jsonb: its version, and JSON as text. */
    void jsonb(@Nullable String value) {
        if (value == null) {
            int32(-1);
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int32(utf8.length + 1);
        room(1);
        bytes[length++] = 1;
        put(utf8);
    }

    /**
     * Adds an array of one dimension, which is not to be empty.
     *
     * @param type of the elements
     * @param element adds one element, as if it were the value of a column
     */
    <T> void array(ElementType type, List<T> elements, Consumer<T> element) {
        array(type, elements.size(), index -> element.accept(elements.get(index)));
    }

    /**
     * The same by numbers from 0.
     *
     * @param elements how many, at least one
     */
    void array(ElementType type, int elements, IntConsumer element) {
        int start = length;
        int32(0); // the length, once it is known
        int32(1); // dimensions
        int32(1); // elements may be null
        int32(type.oid);
        int32(elements);
        int32(1); // the first index
        for (int index = 0; index < elements; index++) {
            element.accept(index);
        }
        int end = length;
        length = start;
        int32(end - start - 4);
        length = end;
    }

    /** Types of array elements, with the numbers that every PostgreSQL knows them by: its catalogue pg_type. */
    enum ElementType {
        INT4(23),
        INT8(20),
        TEXT(25),
        UUID(2950),
        BYTEA(17);

        private final int oid;

        ElementType(int oid) {
            this.oid = oid;
        }
    }

    /** Sends the rows, if there are any; as often as it is called. */
    void write(Connection connection) throws SQLException {
        if (rows > 0) {
            sending(connection, copy -> {
                for (byte[] piece : pieces) {
                    copy.writeToCopy(piece, 0, piece.length);
                }
            });
        }
    }

    /**
     * Makes a row of each element, and sends rows while it makes more. There are none before it, and none stay.
     *
     * @param row adds the row of an element
     */
    <T> void write(Connection connection, Iterable<T> elements, Consumer<T> row) throws SQLException {
        if (elements.iterator().hasNext()) {
            sending(connection, copy -> {
                for (T element : elements) {
                    row.accept(element);
                    if (length >= PIECE) {
                        copy.writeToCopy(bytes, 0, length);
                        length = 0;
                    }
                }
            });
        }
    }

    @FunctionalInterface
    private interface Rows {
        void send(CopyIn copy) throws SQLException;
    }

    /** Sends these rows, and then those in the last array. */
    private void sending(Connection connection, Rows first) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement);
        try {
            first.send(copy);
            copy.writeToCopy(bytes, 0, length);
            copy.writeToCopy(TRAILER, 0, TRAILER.length);
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private void put(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    private void int32(int value) {
        room(4);
        bytes[length++] = (byte) (value >> 24);
        bytes[length++] = (byte) (value >> 16);
        bytes[length++] = (byte) (value >> 8);
        bytes[length++] = (byte) value;
    }

    private void int64(long value) {
        int32((int) (value >> 32));
        int32((int) value);
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
        }
    }
}
