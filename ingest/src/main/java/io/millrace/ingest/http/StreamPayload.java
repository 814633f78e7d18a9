package io.millrace.ingest.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import io.millrace.ingest.validation.JsonText;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.TaskStreamRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;

/** What a task streamed out, with where it comes from, so that tasks that run side by side can be told apart. */
final class StreamPayload {

    private StreamPayload() {}

    /**
     * @return the payload as it came, and behind its fields {@code taskExecutionId}, {@code sequence} and
     *     {@code timestampMs} where it is an object that has no such fields of its own
     */
    static String withSource(TaskStreamRecord record) {
        String payload = record.getPayload();
        if (!payload.stripLeading().startsWith("{")) {
            return payload;
        }
        Set<String> own = names(payload);
        StringBuilder added = new StringBuilder();
        if (!own.contains("taskExecutionId")) {
            added.append(",\"taskExecutionId\":\"")
                    .append(Ids.fromBytes(record.getTaskId()))
                    .append('"');
        }
        if (!own.contains("sequence")) {
            added.append(",\"sequence\":").append(record.getSequence());
        }
        if (!own.contains("timestampMs") && record.getTimestampMs() != 0) {
            added.append(",\"timestampMs\":").append(record.getTimestampMs());
        }
        int end = payload.lastIndexOf('}');
        boolean comma = !own.isEmpty() && !added.isEmpty();
        return payload.substring(0, end)
                + (comma || added.isEmpty() ? added : added.substring(1))
                + payload.substring(end);
    }

    private static Set<String> names(String object) {
        Set<String> names = new HashSet<>();
        try (JsonParser parser = JsonText.parser(ByteString.copyFromUtf8(object))) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                names.add(parser.currentName());
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected the payload of a stream to be JSON, but it is not", e);
        }
        return names;
    }
}
