package io.millrace.dispatcher.engine.store;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The stored form of state: big-endian fixed-width numbers, length-prefixed texts. Written and read in the same order; a
 * reader past the end fails. Not thread-safe.
 */
public final class Bytes {

    /** What an id takes. */
    public static final int ID = 16;

    private ByteBuffer buffer;

    private Bytes(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    public static Bytes writer() {
        return writer(256);
    }

    /** @param room so many bytes are expected; more may come. Where they are right, nothing is copied */
    public static Bytes writer(int room) {
        return new Bytes(ByteBuffer.allocate(room));
    }

    public static Bytes reader(byte[] bytes) {
        return new Bytes(ByteBuffer.wrap(bytes));
    }

    private void room(int size) {
        if (buffer.remaining() < size) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + size));
            buffer = larger.put(buffer.flip());
        }
    }

    public Bytes u8(int value) {
        room(1);
        buffer.put((byte) value);
        return this;
    }

    public Bytes bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    public Bytes i32(int value) {
        room(4);
        buffer.putInt(value);
        return this;
    }

    public Bytes i64(long value) {
        room(8);
        buffer.putLong(value);
        return this;
    }

    public Bytes f64(double value) {
        return i64(Double.doubleToRawLongBits(value));
    }

    public Bytes raw(byte[] bytes) {
        room(bytes.length);
        buffer.put(bytes);
        return this;
    }

    public Bytes blob(byte @Nullable [] bytes) {
        if (bytes == null) {
            return i32(-1);
        }
        return i32(bytes.length).raw(bytes);
    }

    public Bytes text(@Nullable String value) {
        return blob(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    public Bytes id(@Nullable UUID id) {
        if (id == null) {
            return bool(false);
        }
        return bool(true).rawId(id);
    }

    public Bytes rawId(UUID id) {
        return i64(id.getMostSignificantBits()).i64(id.getLeastSignificantBits());
    }

    public Bytes payload(@Nullable Payload payload) {
        return blob(payload == null ? null : payload.json());
    }

    public Bytes texts(Map<String, String> map) {
        i32(map.size());
        map.forEach((key, value) -> text(key).text(value));
        return this;
    }

    /** @return bytes written so far */
    public int size() {
        return buffer.position();
    }

    /** @return all that was written; nothing may be written any more */
    public byte[] finish() {
        if (!buffer.hasRemaining()) {
            return buffer.array();
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    /** @return whether anything is left to read */
    public boolean more() {
        return buffer.hasRemaining();
    }

    public int u8() {
        return buffer.get() & 0xff;
    }

    public boolean bool() {
        return u8() == 1;
    }

    public int i32() {
        return buffer.getInt();
    }

    public long i64() {
        return buffer.getLong();
    }

    public double f64() {
        return Double.longBitsToDouble(i64());
    }

    /** @throws IllegalStateException if null is stored */
    public byte[] blob() {
        return stored(blobOrNull());
    }

    private byte @Nullable [] blobOrNull() {
        int length = i32();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    private static <T> T stored(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("expected a stored value, but found the mark for none");
        }
        return value;
    }

    /** @throws IllegalStateException if null is stored */
    public String text() {
        return stored(textOrNull());
    }

    public @Nullable String textOrNull() {
        byte[] bytes = blobOrNull();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    public @Nullable UUID id() {
        return bool() ? rawId() : null;
    }

    public UUID rawId() {
        return new UUID(i64(), i64());
    }

    /** @throws IllegalStateException if null is stored */
    public Payload payload() {
        return stored(payloadOrNull());
    }

    public @Nullable Payload payloadOrNull() {
        byte[] bytes = blobOrNull();
        return bytes == null ? null : new Payload(bytes);
    }

    public Map<String, String> texts() {
        int size = i32();
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(text(), text());
        }
        return map;
    }

    public byte[] rest() {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
