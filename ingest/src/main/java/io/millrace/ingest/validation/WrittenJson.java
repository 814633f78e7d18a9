package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.SerializableString;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A JSON text that a Jackson generator puts into its output as it is: bytes in, the same bytes out. Give it to
 * {@code writeRawValue} of a generator that writes UTF-8 bytes. No bytes stand for null.
 */
public final class WrittenJson implements SerializableString {

    private static final ByteString NULL = ByteString.copyFromUtf8("null");

    private final ByteString text;

    /** @param text one JSON value in UTF-8, or nothing */
    public WrittenJson(@Nullable ByteString text) {
        this.text = text == null || text.isEmpty() ? NULL : text;
    }

    @Override
    public String getValue() {
        return text.toString(StandardCharsets.UTF_8);
    }

    @Override
    public int charLength() {
        return getValue().length();
    }

    @Override
    public byte[] asUnquotedUTF8() {
        return text.toByteArray();
    }

    @Override
    public int appendUnquotedUTF8(byte[] buffer, int offset) {
        if (text.size() > buffer.length - offset) {
            return -1;
        }
        text.copyTo(buffer, offset);
        return text.size();
    }

    @Override
    public int writeUnquotedUTF8(OutputStream out) throws IOException {
        text.writeTo(out);
        return text.size();
    }

    @Override
    public int putUnquotedUTF8(ByteBuffer out) {
        if (text.size() > out.remaining()) {
            return -1;
        }
        text.copyTo(out);
        return text.size();
    }

    @Override
    public char[] asQuotedChars() {
        throw notAText();
    }

    @Override
    public byte[] asQuotedUTF8() {
        throw notAText();
    }

    @Override
    public int appendQuotedUTF8(byte[] buffer, int offset) {
        throw notAText();
    }

    @Override
    public int appendQuoted(char[] buffer, int offset) {
        throw notAText();
    }

    @Override
    public int appendUnquoted(char[] buffer, int offset) {
        throw notAText();
    }

    @Override
    public int writeQuotedUTF8(OutputStream out) {
        throw notAText();
    }

    @Override
    public int putQuotedUTF8(ByteBuffer buffer) {
        throw notAText();
    }

    private static UnsupportedOperationException notAText() {
        return new UnsupportedOperationException(
                "expected raw JSON to be written as a raw value of UTF-8, but it was not");
    }
}
