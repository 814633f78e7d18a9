package io.millrace.ingest.audit.proof;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.millrace.ingest.audit.proof.LoggedRecord.LoggedHeader;
import io.millrace.ingest.audit.tlog.Base64Text;
import io.millrace.ingest.audit.tlog.Hash;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The lines of a file of proofs, each a JSON object. Fields that are not known, or stand twice, are refused. Any thread. */
public final class ProofJson {

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(64 << 20).build())
            .build();

    private ProofJson() {}

    /** Writes the value of a field, or of a line. */
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** Takes the field of this name, whose value the parser stands at. */
    private interface FieldTaker {
        /** @return false if there is no such field */
        boolean take(String name, JsonParser json) throws IOException;
    }

    /** Reads a value. */
    private interface Value<T> {
        T read(JsonParser json) throws IOException;
    }

    /** @return the line, without its end */
    public static String line(ProofHead head) {
        return line(json -> {
            json.writeStringField("format", ProofHead.FORMAT);
            json.writeStringField("origin", head.origin());
            json.writeNumberField("partition", head.partition());
            json.writeStringField("execution", head.execution().toString());
            json.writeNumberField("records", head.records());
            json.writeStringField("checkpoint", head.checkpoint().toString());
            json.writeArrayFieldStart("keys");
            for (SignedNote note : head.keys()) {
                json.writeString(note.toString());
            }
            json.writeEndArray();
        });
    }

    /** @return the line, without its end */
    public static String line(ProvedRecord record) {
        return line(json -> {
            json.writeNumberField("index", record.index());
            json.writeBinaryField("entry", record.entry());
            json.writeArrayFieldStart("hashes");
            for (Hash hash : record.hashes()) {
                json.writeString(hash.toString());
            }
            json.writeEndArray();
            json.writeFieldName("outcome");
            write(json, record.outcome());
            json.writeFieldName("command");
            if (record.command().isPresent()) {
                write(json, record.command().get());
            } else {
                json.writeNull();
            }
        });
    }

    private static void write(JsonGenerator json, LoggedRecord record) throws IOException {
        json.writeStartObject();
        json.writeNumberField("offset", record.offset());
        json.writeNumberField("timestamp", record.timestampMs());
        json.writeFieldName("key");
        bytes(json, record.key());
        json.writeFieldName("value");
        bytes(json, record.value());
        json.writeArrayFieldStart("headers");
        for (LoggedHeader header : record.headers()) {
            json.writeStartArray();
            json.writeString(header.name());
            bytes(json, header.value());
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void bytes(JsonGenerator json, byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            json.writeNull();
        } else {
            json.writeBinary(bytes);
        }
    }

    private static String line(Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write to memory, but could not", e);
        }
        return line.toString();
    }

    /** @throws TlogException if the line is no head of a file of proofs */
    public static ProofHead head(String line) {
        var read = new Object() {
            @Nullable
            String format;

            @Nullable
            String origin;

            @Nullable
            Integer partition;

            @Nullable
            UUID execution;

            @Nullable
            Integer records;

            @Nullable
            SignedNote checkpoint;

            @Nullable
            List<SignedNote> keys;
        };
        object("the first line of a file of proofs", line, (name, json) -> {
            switch (name) {
                case "format" -> read.format = text(json);
                case "origin" -> read.origin = text(json);
                case "partition" -> read.partition = smallNumber(json);
                case "execution" -> read.execution = id(text(json));
                case "records" -> read.records = smallNumber(json);
                case "checkpoint" -> read.checkpoint = SignedNote.parse(text(json));
                case "keys" -> read.keys = list(json, item -> SignedNote.parse(text(item)));
                default -> {
                    return false;
                }
            }
            return true;
        });
        if (!ProofHead.FORMAT.equals(read.format)) {
            throw new TlogException("expected a file of proofs of the format " + ProofHead.FORMAT + ", but "
                    + (read.format == null ? "it names none" : "got '" + read.format + "'"));
        }
        return new ProofHead(
                there("origin", read.origin),
                there("partition", read.partition),
                there("execution", read.execution),
                there("records", read.records),
                there("checkpoint", read.checkpoint),
                there("keys", read.keys));
    }

    /** @throws TlogException if the line is no record of a file of proofs */
    public static ProvedRecord record(String line) {
        var read = new Object() {
            @Nullable
            Long index;

            byte @Nullable [] entry;

            @Nullable
            List<Hash> hashes;

            @Nullable
            LoggedRecord outcome;

            @Nullable
            Optional<LoggedRecord> command;
        };
        object("a line with a record and its proof", line, (name, json) -> {
            switch (name) {
                case "index" -> read.index = number(json);
                case "entry" -> read.entry = Base64Text.decode(text(json));
                case "hashes" -> read.hashes = list(json, item -> Hash.parse(text(item)));
                case "outcome" -> read.outcome = logged(json);
                case "command" ->
                    read.command =
                            json.currentToken() == JsonToken.VALUE_NULL ? Optional.empty() : Optional.of(logged(json));
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new ProvedRecord(
                there("index", read.index),
                there("entry", read.entry),
                there("hashes", read.hashes),
                there("outcome", read.outcome),
                there("command", read.command));
    }

    private static LoggedRecord logged(JsonParser json) throws IOException {
        var read = new Object() {
            @Nullable
            Long offset;

            @Nullable
            Long timestamp;

            byte @Nullable [] key;
            byte @Nullable [] value;

            @Nullable
            List<LoggedHeader> headers;
        };
        fields(json, (name, at) -> {
            switch (name) {
                case "offset" -> read.offset = number(at);
                case "timestamp" -> read.timestamp = number(at);
                case "key" -> read.key = bytes(at);
                case "value" -> read.value = bytes(at);
                case "headers" -> read.headers = list(at, ProofJson::header);
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new LoggedRecord(
                there("offset", read.offset),
                there("timestamp", read.timestamp),
                read.key,
                read.value,
                there("headers", read.headers));
    }

    private static LoggedHeader header(JsonParser json) throws IOException {
        expect(json, JsonToken.START_ARRAY);
        json.nextToken();
        String name = text(json);
        json.nextToken();
        byte[] value = bytes(json);
        json.nextToken();
        expect(json, JsonToken.END_ARRAY);
        return new LoggedHeader(name, value);
    }

    private static void object(String what, String line, FieldTaker taker) {
        try (JsonParser json = JSON.createParser(line)) {
            json.nextToken();
            fields(json, taker);
            if (json.nextToken() != null) {
                throw new TlogException("expected nothing behind " + what + ", but there is more");
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new TlogException(
                    "expected " + what + " as a JSON object, but: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private static void fields(JsonParser json, FieldTaker taker) throws IOException {
        expect(json, JsonToken.START_OBJECT);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (!taker.take(name, json)) {
                throw new TlogException("expected only known fields, but got '" + name + "'");
            }
        }
        expect(json, JsonToken.END_OBJECT);
    }

    private static <T> List<T> list(JsonParser json, Value<T> value) throws IOException {
        expect(json, JsonToken.START_ARRAY);
        List<T> all = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            all.add(value.read(json));
        }
        return all;
    }

    /** Half of a surrogate pair is no text: it would count as another character in UTF-8, and so in hashes. */
    private static String text(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_STRING);
        String text = json.getText();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new TlogException("expected a text, but got one with half of a surrogate pair");
        }
        return text;
    }

    private static UUID id(String text) {
        UUID id = UUID.fromString(text);
        if (!id.toString().equals(text)) {
            throw new TlogException("expected an id as 36 characters, but got '" + text + "'");
        }
        return id;
    }

    private static long number(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        return json.getLongValue();
    }

    private static int smallNumber(JsonParser json) throws IOException {
        expect(json, JsonToken.VALUE_NUMBER_INT);
        return json.getIntValue();
    }

    private static byte @Nullable [] bytes(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_NULL ? null : Base64Text.decode(text(json));
    }

    private static void expect(JsonParser json, JsonToken token) throws IOException {
        if (json.currentToken() != token) {
            throw new TlogException("expected " + token + ", but got "
                    + (json.currentToken() == null ? "the end" : json.currentToken()));
        }
    }

    private static <T> T there(String field, @Nullable T value) {
        if (value == null) {
            throw new TlogException("expected the field '" + field + "', but it is missing");
        }
        return value;
    }
}
