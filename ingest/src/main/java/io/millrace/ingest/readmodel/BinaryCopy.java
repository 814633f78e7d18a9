package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows in the form that {@code COPY … FROM STDIN (FORMAT binary)} takes: the fastest way into PostgreSQL. Values are written
 * in the order of the columns, whose types they must have exactly. One thread.
 */
final class BinaryCopy {

    /** Signature, no flags, no extension: as PostgreSQL's manual has it under COPY, "Binary Format". */
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    private final String statement;
    private final int columns;
    private byte[] bytes = new byte[64 << 10];
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

    void uuid(UUID value) {
        if (value == null) {
            int32(-1);
            return;
        }
        int32(16);
        int64(value.getMostSignificantBits());
        int64(value.getLeastSignificantBits());
    }

    void text(String value) {
        if (value == null) {
            int32(-1);
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        int32(utf8.length);
        put(utf8);
    }

    void bytea(ByteString value) {
        int32(value.size());
        room(value.size());
        value.copyTo(bytes, length);
        length += value.size();
    }

    /** Sends the rows, if there are any. */
    void write(Connection connection) throws SQLException {
        if (rows == 0) {
            return;
        }
        room(2);
        bytes[length++] = -1;
        bytes[length++] = -1;
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(statement);
        try {
            copy.writeToCopy(bytes, 0, length);
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
