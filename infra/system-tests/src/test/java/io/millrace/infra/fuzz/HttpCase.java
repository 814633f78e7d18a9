package io.millrace.infra.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.contract.ApiDocument.Operation;
import io.millrace.ingest.search.RandomSearches;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.SearchFault;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.WholeText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A request of an operation that is described, made of a seed: some of its values are as described, others are not.
 *
 * @param target path and query
 * @param body JSON or not; null: none
 * @param right whether the description allows it
 * @param told whether the description tells all that it asks for
 */
record HttpCase(String method, String target, String body, boolean right, boolean told) {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final String UUID_TEXT = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    /** @param ids of things that are there */
    static HttpCase of(Operation operation, String slug, List<String> ids, Random random) {
        Maker maker = new Maker(random, ids);
        String path = operation.path().replace("{slug}", slug);
        for (JsonNode parameter : operation.parameters("path")) {
            String place = "{" + parameter.get("name").textValue() + "}";
            if (path.contains(place)) {
                path = path.replace(place, encoded(maker.parameter(parameter)));
            }
        }
        StringBuilder query = new StringBuilder();
        for (JsonNode parameter : operation.parameters("query")) {
            if (random.nextInt(3) == 0) {
                String name = parameter.get("name").textValue();
                String entry = parameter.path("style").asText().equals("deepObject")
                        ? name + "[" + maker.text(random.nextInt(4) > 0 ? "team" : Hostile.any(random, Hostile.TEXTS))
                                + "]"
                        : name;
                maker.right &= !entry.equals(name + "[]");
                String value = entry.equals(name)
                        ? name.equals("q") ? maker.search(operation) : maker.parameter(parameter)
                        : maker.text(Hostile.any(random, List.of("red", "", "é", "\u0000")));
                query.append(query.isEmpty() ? "?" : "&")
                        .append(encoded(entry))
                        .append('=')
                        .append(encoded(value));
            }
        }
        // A place in a list is one in its own order.
        maker.right &= !(maker.ordered && query.indexOf("cursor=") >= 0);
        // Of the installation there are only notes.
        maker.right &= !(query.indexOf("about=") >= 0
                && query.indexOf("command=") >= 0
                && query.indexOf("command=record_note") < 0);
        // Who probes or scrapes may add parameters of its own.
        if (path.startsWith("/api/orgs/") && random.nextInt(12) == 0) {
            query.append(query.isEmpty() ? "?" : "&").append("colour=red");
            maker.right = false;
        }
        String body = operation.method().equals("POST") ? maker.body(operation) : null;
        // No schema tells which cron expressions, time zones and queries there are, nor that one time is before
        // another, nor which fields of a limit go together.
        boolean told = Stream.of("/schedules", "/update", "/backfill", "/bulk-jobs", "/saved-queries", "/limit")
                .noneMatch(operation.path()::endsWith);
        return new HttpCase(operation.method(), path + query, body, maker.right, body == null || told);
    }

    /** A text that has no UTF-8 is sent as what Java makes of it. */
    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static final class Maker {

        private final Random random;
        private final List<String> ids;
        private boolean right = true;
        private boolean ordered;

        Maker(Random random, List<String> ids) {
            this.random = random;
            this.ids = ids;
        }

        /** What cannot be said in a URI is made to something that can. */
        String text(String text) {
            return WholeText.firstHalf(text) < 0 && text.length() < 1_000 ? text : "other";
        }

        /** No schema tells which queries can be read: that is known by reading them. */
        String search(Operation operation) {
            boolean completions = operation.path().endsWith("/completions");
            Subject subject = operation.path().contains("task") ? Subject.TASKS : Subject.WORKFLOWS;
            String text = text(
                    random.nextInt(4) == 0
                            ? Hostile.any(random, Hostile.TEXTS)
                            : new RandomSearches(random.nextLong(), subject)
                                    .next()
                                    .written());
            try {
                ordered = !Search.parse(subject, text).order().isUsual();
                right &= !text.isEmpty();
            } catch (SearchFault fault) {
                right &= completions;
            }
            return text;
        }

        String parameter(JsonNode parameter) {
            JsonNode schema = ApiDocument.resolve(parameter.get("schema"));
            String value = text(random.nextInt(4) == 0 ? Hostile.any(random, Hostile.TEXTS) : fitting(schema));
            if (schema.path("type").asText().equals("integer")) {
                right &= value.matches("0|[1-9][0-9]{0,17}")
                        && ApiDocument.allows(schema, NODES.numberNode(Long.parseLong(value)));
            } else if (schema.path("format").asText().equals("uuid")) {
                right &= value.matches(UUID_TEXT);
            } else {
                right &= ApiDocument.allows(schema, TextNode.valueOf(value));
                right &= !parameter.get("in").textValue().equals("query") || !value.isEmpty();
            }
            return value;
        }

        private String fitting(JsonNode schema) {
            if (schema.has("enum")) {
                return schema.get("enum")
                        .get(random.nextInt(schema.get("enum").size()))
                        .textValue();
            }
            if (schema.path("type").asText().equals("integer")) {
                return String.valueOf(1 + random.nextInt(500));
            }
            String id = random.nextInt(3) == 0
                    ? new UUID(random.nextLong(), random.nextLong()).toString()
                    : Hostile.any(random, ids);
            String pattern = schema.path("pattern").asText();
            if (schema.path("format").asText().equals("uuid")) {
                return id;
            }
            if (pattern.contains("key:")) {
                return Hostile.any(random, List.of(id, "id:" + id, "key:order-7", id + ":approval", id + "/approval"));
            }
            return pattern.contains("_[0-9a-fA-F]{8}") ? random.nextInt(1_000_000) + "_" + id : "name";
        }

        String body(Operation operation) {
            if (random.nextInt(10) == 0) {
                String any = Hostile.any(random, Hostile.PAYLOADS);
                right &= any.isEmpty()
                        && !operation.description().at("/requestBody/required").asBoolean();
                return any;
            }
            JsonNode schema = operation.body();
            ObjectNode body = NODES.objectNode();
            List<String> required = new ArrayList<>();
            schema.path("required").forEach(name -> required.add(name.textValue()));
            schema.at("/oneOf/0/required").forEach(name -> required.add(name.textValue()));
            for (Map.Entry<String, JsonNode> property :
                    schema.path("properties").properties()) {
                if (random.nextInt(3) == 0 || (required.contains(property.getKey()) && random.nextInt(8) > 0)) {
                    body.set(property.getKey(), value(ApiDocument.resolve(property.getValue())));
                }
            }
            if (random.nextInt(20) == 0) {
                body.put("colour", "red");
            }
            right &= ApiDocument.allows(schema, body) && whole(body);
            try {
                return JSON.writeValueAsString(body);
            } catch (JsonProcessingException e) {
                throw new AssertionError(e);
            }
        }

        private JsonNode value(JsonNode schema) {
            if (random.nextInt(6) == 0) {
                return hostile();
            }
            String type = schema.path("type").isArray()
                    ? schema.at("/type/0").asText()
                    : schema.path("type").asText();
            return switch (type) {
                case "string" ->
                    TextNode.valueOf(
                            schema.path("format").asText().equals("date-time")
                                    ? "2031-05-01T12:00:00Z"
                                    : "name-" + random.nextInt(5));
                case "integer" -> NODES.numberNode(1 + random.nextInt(90));
                case "object" -> NODES.objectNode().put("team", "red").put("note", "é\u0000😀");
                case "boolean" -> NODES.booleanNode(true);
                default ->
                    Hostile.any(
                            random,
                            List.of(
                                    NODES.nullNode(),
                                    NODES.textNode("x"),
                                    NODES.numberNode(1),
                                    NODES.arrayNode().add(1)));
            };
        }

        private JsonNode hostile() {
            return switch (random.nextInt(6)) {
                case 0 -> NODES.nullNode();
                case 1 -> NODES.numberNode(Hostile.any(random, Hostile.NUMBERS));
                case 2 -> NODES.numberNode(Hostile.BEYOND);
                case 3 ->
                    NODES.objectNode()
                            .put(text(Hostile.any(random, Hostile.TEXTS)), Hostile.any(random, Hostile.TEXTS));
                case 4 -> NODES.numberNode(Hostile.any(random, List.of(1.5, 2.0, 1e19, -3e2)));
                default -> NODES.textNode(Hostile.any(random, Hostile.TEXTS));
            };
        }

        /** In payloads, which are not decoded, half a character may stand as an escape. */
        private static boolean whole(ObjectNode body) {
            return body.propertyStream()
                    .filter(field -> !List.of("input", "workflowInput", "signalValue", "value")
                            .contains(field.getKey()))
                    .allMatch(field -> wholeText(field.getValue()));
        }

        private static boolean wholeText(JsonNode value) {
            return value.isTextual()
                    ? WholeText.firstHalf(value.textValue()) < 0
                    : value.valueStream().allMatch(Maker::wholeText);
        }
    }
}
