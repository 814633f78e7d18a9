package io.millrace.ingest.audit.tlog;

import java.util.Base64;

/** Base64 of RFC 4648 section 4, and only that which an encoder writes: what has two forms could be changed unnoticed. */
public final class Base64Text {

    private Base64Text() {}

    /** @return the text for the bytes */
    public static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** @throws TlogException if the text is not the one form that an encoder writes */
    public static byte[] decode(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new TlogException("expected base64, but got '" + shown(text) + "'", e);
        }
        if (!encode(bytes).equals(text)) {
            throw new TlogException(
                    "expected base64 with its padding and no further bits, but got '" + shown(text) + "'");
        }
        return bytes;
    }

    private static String shown(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}
