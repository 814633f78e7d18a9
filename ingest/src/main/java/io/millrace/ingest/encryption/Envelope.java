package io.millrace.ingest.encryption;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/**
 * The form of what is encrypted: the text {@code mre1.}, and behind it bytes in Base64 of the URL alphabet without
 * padding. These are: what it is (1 byte), id of the data key (16), id of the execution in whose name it came in (16),
 * nonce (12), ciphertext, tag (16). As a payload it stands in quotation marks, so that it is JSON; in a text it stands
 * as it is. Associated data are the id of the organisation (16 bytes) and the first 33 bytes.
 *
 * @param kind what it was
 * @param keyId by which key
 * @param executionId in whose name
 */
record Envelope(Kind kind, UUID keyId, UUID executionId) {

    /** With what every envelope begins. */
    static final String MARK = "mre1.";

    private static final byte[] MARK_BYTES = MARK.getBytes(StandardCharsets.US_ASCII);
    private static final boolean[] OF_BASE64 = ofBase64();
    private static final int HEAD_BYTES = 33;
    /** Characters of the head: 33 bytes come out even. */
    private static final int HEAD_CHARS = 44;

    /** What stood there before. */
    enum Kind {
        /** One JSON value. */
        JSON,
        /** A text that is no JSON, such as an error. */
        TEXT
    }

    /** @return the whole, without quotation marks */
    byte[] seal(byte[] secret, UUID orgId, byte[] plain) {
        byte[] head = head();
        byte[] encrypted = Gcm.encrypt(secret, associated(orgId, head), plain);
        byte[] all = ByteBuffer.allocate(head.length + encrypted.length)
                .put(head)
                .put(encrypted)
                .array();
        byte[] text = Base64.getUrlEncoder().withoutPadding().encode(all);
        return ByteBuffer.allocate(MARK_BYTES.length + text.length)
                .put(MARK_BYTES)
                .put(text)
                .array();
    }

    /**
     * @param text bytes that hold the whole
     * @return what it was; empty where it was not encrypted by that key for this organisation, or changed since
     */
    Optional<byte[]> open(DataKey key, byte[] text, int start, int end) {
        byte[] body = new byte[end - start - MARK_BYTES.length];
        System.arraycopy(text, start + MARK_BYTES.length, body, 0, body.length);
        byte[] all;
        try {
            all = Base64.getUrlDecoder().decode(body);
        } catch (IllegalArgumentException cut) {
            return Optional.empty();
        }
        return key.with(secret -> Gcm.decrypt(secret, associated(key.orgId(), head()), all, HEAD_BYTES));
    }

    private byte[] head() {
        return ByteBuffer.allocate(HEAD_BYTES)
                .put((byte) kind.ordinal())
                .putLong(keyId.getMostSignificantBits())
                .putLong(keyId.getLeastSignificantBits())
                .putLong(executionId.getMostSignificantBits())
                .putLong(executionId.getLeastSignificantBits())
                .array();
    }

    private static byte[] associated(UUID orgId, byte[] head) {
        return ByteBuffer.allocate(16 + head.length)
                .putLong(orgId.getMostSignificantBits())
                .putLong(orgId.getLeastSignificantBits())
                .put(head)
                .array();
    }

    /** @return where the next envelope may begin, at the place or behind it; -1: there is none */
    static int find(byte[] text, int from) {
        // By the dot, since Base64 has none: what was encrypted is passed over without another look at it.
        for (int dot = from + MARK_BYTES.length - 1; dot < text.length - HEAD_CHARS; dot++) {
            if (text[dot] == '.' && isMark(text, dot - MARK_BYTES.length + 1)) {
                return dot - MARK_BYTES.length + 1;
            }
        }
        return -1;
    }

    private static boolean isMark(byte[] text, int at) {
        return Arrays.equals(text, at, at + MARK_BYTES.length, MARK_BYTES, 0, MARK_BYTES.length);
    }

    /** @return behind its last character */
    static int end(byte[] text, int start) {
        int end = start + MARK_BYTES.length;
        while (end < text.length && OF_BASE64[text[end] & 0xff]) {
            end++;
        }
        return end;
    }

    /** A table, since no processor foresees which kind of character comes next. */
    private static boolean[] ofBase64() {
        boolean[] all = new boolean[256];
        for (byte c : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                .getBytes(StandardCharsets.US_ASCII)) {
            all[c] = true;
        }
        return all;
    }

    /** @return what stands at the place, which {@link #find} told; empty where it only looks like an envelope */
    static Optional<Envelope> head(byte[] text, int start) {
        byte[] chars = new byte[HEAD_CHARS];
        System.arraycopy(text, start + MARK_BYTES.length, chars, 0, HEAD_CHARS);
        ByteBuffer head;
        try {
            head = ByteBuffer.wrap(Base64.getUrlDecoder().decode(chars));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        int kind = head.get();
        return kind < 0 || kind >= Kind.values().length
                ? Optional.empty()
                : Optional.of(new Envelope(
                        Kind.values()[kind],
                        new UUID(head.getLong(), head.getLong()),
                        new UUID(head.getLong(), head.getLong())));
    }
}
