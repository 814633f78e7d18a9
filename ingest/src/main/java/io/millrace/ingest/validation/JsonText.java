package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Tells whether bytes are one JSON value in UTF-8, by walking over its tokens: no tree is built, no byte is copied.
 * Stateless, safe from any thread.
 */
public final class JsonText {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            // Payloads are UTF-8 by contract; guessing would let UTF-16 through, which no worker reads.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            // Names are only walked over; interning them would cost more than the walk.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private JsonText() {}

    /** @return whether the bytes are exactly one JSON value; none at all is not */
    public static boolean isOneValue(ByteString text) {
        try (JsonParser parser = parser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            int depth = 0;
            JsonToken token = parser.currentToken();
            while (token != null) {
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                }
                token = parser.nextToken();
                if (depth == 0 && token != null) {
                    return false;
                }
            }
            return depth == 0;
        } catch (IOException notJson) {
            return false;
        }
    }

    /** @return a parser over the bytes, which the caller closes */
    public static JsonParser parser(ByteString text) throws IOException {
        Whole whole = new Whole();
        UnsafeByteOperations.unsafeWriteTo(text, whole);
        return whole.pieces == 1
                ? FACTORY.createParser(whole.array, whole.offset, whole.length)
                : FACTORY.createParser(text.toByteArray());
    }

    /** Takes hold of the array behind a ByteString that is in one piece, as all of those are that came off the wire. */
    private static final class Whole extends ByteOutput {

        private byte[] array;
        private int offset;
        private int length;
        private int pieces;

        @Override
        public void write(byte value) {
            pieces = 2;
        }

        @Override
        public void write(byte[] value, int offset, int length) {
            writeLazy(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) {
            this.array = value;
            this.offset = offset;
            this.length = length;
            pieces++;
        }

        @Override
        public void write(ByteBuffer value) {
            pieces = 2;
        }

        @Override
        public void writeLazy(ByteBuffer value) {
            pieces = 2;
        }
    }
}
