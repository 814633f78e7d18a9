package io.millrace.infra.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.protobuf.ByteString;

/** Application data: JSON text on the wire, trees here. */
public final class JsonData {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonData() {}

    /** @return the tree; JSON's null for bytes that are not JSON, as in all SDKs */
    public static JsonNode read(ByteString bytes) {
        if (bytes.isEmpty()) {
            return NullNode.instance;
        }
        try {
            return MAPPER.readTree(bytes.toStringUtf8());
        } catch (JsonProcessingException e) {
            return NullNode.instance;
        }
    }

    /**
     * @return the tree
     * @throws IllegalArgumentException if the text is not JSON
     */
    public static JsonNode of(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("expected JSON, but got " + text, e);
        }
    }

    /** @return the tree of a record, map, list, text, number and so on */
    public static JsonNode from(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** @return JSON text */
    public static ByteString write(JsonNode tree) {
        return ByteString.copyFromUtf8(tree.toString());
    }
}
