package io.millrace.ingest.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Decodes paths and queries. Strictly: a decoder that mends what is wrong would make one text of several. */
final class PercentText {

    private PercentText() {}

    /**
     * @param raw a segment of a path as it came
     * @throws HttpException 400 if it has an escape that is none, bytes that are no UTF-8, or characters beyond ASCII
     */
    static String ofPath(String raw) {
        return decode(raw, false);
    }

    /** The same for a name or value of a query, where a plus sign stands for a space. */
    static String ofQuery(String raw) {
        return decode(raw, true);
    }

    private static String decode(String raw, boolean plusIsSpace) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                if (i + 2 >= raw.length()
                        || !HexFormat.isHexDigit(raw.charAt(i + 1))
                        || !HexFormat.isHexDigit(raw.charAt(i + 2))) {
                    throw wrong("a % is followed by something else");
                }
                bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else if (c <= ' ' || c > '~') {
                throw wrong("a character stands there without an escape");
            } else {
                bytes.write(c == '+' && plusIsSpace ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong("the bytes are no UTF-8");
        }
    }

    private static HttpException wrong(String but) {
        return new HttpException(
                400,
                "INVALID_ARGUMENT",
                "expected ASCII, and % with two hexadecimal digits for each other byte of UTF-8, in the path and the query, but "
                        + but);
    }
}
