package io.millrace.ingest.validation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether bytes are one JSON value in UTF-8 within the limits below. It walks over the tokens: no tree is built,
 * no byte is copied. The limits are for readers behind us, which would otherwise overflow or lose a value in silence.
 * Stateless, safe from any thread.
 */
public final class JsonText {

    /** Objects and arrays within each other that a payload may have. */
    public static final int MAX_LEVELS = 1_000;

    /** Digits that a number in a payload may have. */
    public static final int MAX_DIGITS = 1_000;

    /** Characters that the name of a field in a payload may have. */
    public static final int MAX_FIELD_CHARS = 50_000;

    /** Whatever holds a payload adds a few levels: a request, or an event on the log. */
    private static final int HOLDER_LEVELS = 24;

    private static final JsonFactory FACTORY = new ForgetfulJsonFactory(new JsonFactoryBuilder()
            // Payloads are UTF-8 by contract; guessing would let UTF-16 through, which no worker reads.
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            // Names are only walked over; interning them would cost more than the walk.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // What is longer is refused by its own name, and what passed the door once is read by whoever comes after
            // it.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_LEVELS + HOLDER_LEVELS)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build()));

    private JsonText() {}

    /**
     * Says what is wrong with a payload.
     *
     * @param field what it is the payload of
     * @param text not empty
     * @return "expected …, but …", without a piece of the payload; nothing if it is one JSON value
     */
    public static Optional<String> fault(String field, ByteString text) {
        if (!text.isValidUtf8()) {
            return Optional.of(notOneValue(field, text, "no UTF-8"));
        }
        return isPlain(text) ? Optional.empty() : parsedFault(field, text);
    }

    /** The same for any text in UTF-8. */
    static Optional<String> parsedFault(String field, ByteString text) {
        try (JsonParser parser = parser(text)) {
            int depth = 0;
            int values = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (depth == 0 && ++values > 1) {
                    return Optional.of(notOneValue(field, text, "more than one"));
                }
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                }
                Optional<String> excess = excess(field, token, depth, parser);
                if (excess.isPresent()) {
                    return excess;
                }
            }
            return values == 1 ? Optional.empty() : Optional.of(notOneValue(field, text, "none"));
        } catch (IOException notJson) {
            return Optional.of(notOneValue(field, text, "no JSON"));
        }
    }

    private static Optional<String> excess(String field, JsonToken token, int depth, JsonParser parser)
            throws IOException {
        return switch (token) {
            case START_OBJECT, START_ARRAY ->
                depth <= MAX_LEVELS
                        ? Optional.empty()
                        : Optional.of(
                                "expected at most " + MAX_LEVELS + " levels of JSON in " + field + ", but got more");
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                parser.getTextLength() <= MAX_DIGITS
                        ? Optional.empty()
                        : tooMany("digits in each number of ", MAX_DIGITS, field, digits(parser.getText()));
            case FIELD_NAME ->
                tooMany(
                        "characters in each name of a field of ",
                        MAX_FIELD_CHARS,
                        field,
                        parser.currentName().length());
            default -> Optional.empty();
        };
    }

    private static Optional<String> tooMany(String what, int most, String field, int got) {
        return got <= most
                ? Optional.empty()
                : Optional.of("expected at most " + most + " " + what + field + ", but got one of " + got);
    }

    private static int digits(String number) {
        return (int) number.chars().filter(c -> c >= '0' && c <= '9').count();
    }

    private static String notOneValue(String field, ByteString text, String but) {
        return "expected one JSON value in UTF-8 as " + field + ", but the " + text.size() + " bytes are " + but;
    }

    /**
     * @return a parser over the bytes, which the caller closes; it reads whatever passed {@link #fault}, also inside of a
     *     request or an event
     */
    public static JsonParser parser(ByteString text) throws IOException {
        Whole whole = Whole.of(text);
        return whole.pieces == 1
                ? FACTORY.createParser(whole.array, whole.offset, whole.length)
                : FACTORY.createParser(text.toByteArray());
    }

    /** @return the fields of a JSON object, if it is one that {@link FieldScan} knows, or else null */
    static @Nullable Map<String, ByteString> fields(ByteString text) {
        Whole whole = Whole.of(text);
        byte[] array = whole.array;
        return whole.pieces == 1 && array != null ? FieldScan.fields(text, array, whole.offset) : null;
    }

    /** @return whether it is a payload of those that {@link FieldScan} knows; it has to be UTF-8 */
    static boolean isPlain(ByteString text) {
        Whole whole = Whole.of(text);
        byte[] array = whole.array;
        return whole.pieces == 1 && array != null && FieldScan.isPayload(text, array, whole.offset);
    }

    /** Takes hold of the array behind a ByteString that is in one piece, as all of those are that came off the wire. */
    private static final class Whole extends ByteOutput {

        private byte @Nullable [] array;
        private int offset;
        private int length;
        private int pieces;

        static Whole of(ByteString text) {
            Whole whole = new Whole();
            try {
                UnsafeByteOperations.unsafeWriteTo(text, whole);
            } catch (IOException e) {
                throw new UncheckedIOException("expected to read memory without errors, but failed", e);
            }
            return whole;
        }

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
