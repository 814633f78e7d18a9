package io.millrace.proto;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids in two forms: as text (canonical lower-case UUID), and as the 16 big-endian bytes that stand in records. */
public final class Ids {

    private Ids() {}

    /** @return the id as 16 bytes, most significant first */
    public static byte[] toBytes(UUID id) {
        byte[] bytes = new byte[16];
        ByteBuffer.wrap(bytes).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return bytes;
    }

    /** @return the id as it stands in records */
    public static ByteString toByteString(UUID id) {
        return com.google.protobuf.UnsafeByteOperations.unsafeWrap(toBytes(id));
    }

    /**
     * @return the id that these 16 bytes stand for
     * @throws IllegalArgumentException if there are not exactly 16 bytes
     */
    public static UUID fromBytes(ByteString bytes) {
        if (bytes.size() != 16) {
            throw new IllegalArgumentException("expected an id of 16 bytes, but got " + bytes.size());
        }
        return new UUID(number(bytes, 0), number(bytes, Long.BYTES));
    }

    /** Without the buffers that a ByteString would make for it: ids are in every record many times. */
    private static long number(ByteString bytes, int from) {
        long number = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            number = number << Byte.SIZE | bytes.byteAt(i) & 0xff;
        }
        return number;
    }

    /** @return the id, or null where the field is empty (not set) */
    public static @Nullable UUID fromBytesOrNull(ByteString bytes) {
        return bytes.isEmpty() ? null : fromBytes(bytes);
    }

    /**
     * Reads an id strictly: 36 characters, hyphens in their places, either case. {@link UUID#fromString} would also
     * take shortened groups, and SDKs in other languages would not.
     */
    public static Optional<UUID> parse(@Nullable String text) {
        if (text == null || text.length() != 36) {
            return Optional.empty();
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 36; i++) {
            char c = text.charAt(i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return Optional.empty();
                }
                continue;
            }
            if (!HexFormat.isHexDigit(c)) {
                return Optional.empty();
            }
            int digit = HexFormat.fromHexDigit(c);
            if (i < 19) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
        }
        return Optional.of(new UUID(high, low));
    }
}
