package io.millrace.ingest.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The description of the HTTP API, to hold answers against. A test fails for a status that the description does not
 * name. It fails for a field that the description does not know, or has another type for, and for one that is missing.
 * The test clients of all modules hold every answer against it.
 */
public final class ApiDocument {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final JsonNode DOCUMENT = read();

    /**
     * An operation of the document.
     *
     * @param method HTTP method, in capitals
     * @param path path with places in braces
     * @param description all that is said of it
     */
    public record Operation(String method, String path, JsonNode description) {

        /** @return the schema of the request's body; missing if it takes none */
        public JsonNode body() {
            return resolved(description.at("/requestBody/content/application~1json/schema"));
        }

        /** @return names of its query parameters */
        public List<String> query() {
            return parameters("query").stream()
                    .map(parameter -> parameter.get("name").textValue())
                    .toList();
        }

        /** @return its parameters that stand there: query, header, or path */
        public List<JsonNode> parameters(String where) {
            return Stream.of(
                            description.path("parameters"),
                            DOCUMENT.path("paths").path(path).path("parameters"))
                    .flatMap(JsonNode::valueStream)
                    .filter(parameter -> parameter.path("in").textValue().equals(where))
                    .toList();
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    private ApiDocument() {}

    /** @return the whole document */
    public static JsonNode whole() {
        return DOCUMENT;
    }

    /** @return everything that the API can do */
    public static List<Operation> operations() {
        return DOCUMENT.get("paths")
                .propertyStream()
                .flatMap(path -> path.getValue()
                        .propertyStream()
                        .filter(field -> METHODS.contains(field.getKey()))
                        .map(field -> new Operation(
                                field.getKey().toUpperCase(Locale.ROOT), path.getKey(), field.getValue())))
                .toList();
    }

    /** @throws AssertionError if the document describes no such answer; one to a path that it does not know must be 404 */
    public static void check(HttpResponse<String> response) {
        String method = response.request().method();
        URI uri = response.uri();
        String what = method + " " + uri.getRawPath() + " -> " + response.statusCode() + " " + response.body() + ": ";
        List<Operation> onPath = onPath(uri);
        if (onPath.isEmpty()) {
            expect(response.statusCode() == 404, what + "expected 404 for a path that is not described");
            return;
        }
        boolean head = method.equals("HEAD"); // as GET, but for the body
        String described = head ? "GET" : method;
        Optional<Operation> asked = onPath.stream()
                .filter(operation -> operation.method().equals(described))
                .findFirst();
        expect(
                asked.isPresent() || response.statusCode() == 405,
                what + "expected 405 for a method that is not described");
        JsonNode answer = resolved(asked.orElse(onPath.get(0))
                .description()
                .path("responses")
                .path(String.valueOf(response.statusCode())));
        expect(answer.isObject(), what + "expected a status that is described");
        if (head || !answer.has("content")) {
            expect(response.body().isEmpty(), what + "expected no body");
            return;
        }
        String type = response.headers().firstValue("content-type").orElse("").split(";", 2)[0];
        JsonNode content = answer.get("content").path(type);
        expect(content.isObject(), what + "expected a type that is described, but got " + type);
        if (type.equals("application/json")) {
            check(what, "the body", parse(response.body()), content.get("schema"));
        }
    }

    /** The operations of the path; of several that fit, the one with the fewest places is meant. */
    private static List<Operation> onPath(URI uri) {
        List<String> segments = Arrays.asList(uri.getRawPath().split("/", -1));
        List<Operation> fitting = operations().stream()
                .filter(operation -> fits(operation.path(), segments))
                .toList();
        return fitting.stream()
                .map(Operation::path)
                .min(Comparator.comparingInt(ApiDocument::places))
                .map(path -> fitting.stream()
                        .filter(operation -> operation.path().equals(path))
                        .toList())
                .orElse(List.of());
    }

    private static boolean fits(String template, List<String> segments) {
        String[] parts = template.split("/", -1);
        if (parts.length != segments.size()) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].startsWith("{") && !parts[i].equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static int places(String template) {
        return (int) template.chars().filter(c -> c == '{').count();
    }

    private static void check(String what, String place, JsonNode value, JsonNode schema) {
        fault(place, value, schema).ifPresent(fault -> {
            throw new AssertionError(what + fault);
        });
    }

    /** @return whether the schema of the document allows the value */
    public static boolean allows(JsonNode schema, JsonNode value) {
        return fault("it", value, schema).isEmpty();
    }

    /** Knows what the document uses of JSON Schema, and fails of anything else. */
    private static Optional<String> fault(String place, JsonNode value, JsonNode reference) {
        JsonNode schema = resolved(reference);
        for (Map.Entry<String, JsonNode> rule : schema.properties()) {
            if (!holds(rule.getKey(), rule.getValue(), schema, value)) {
                return Optional.of("expected " + place + " to have " + rule.getKey() + " " + rule.getValue()
                        + ", but it is " + value);
            }
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode own = schema.path("properties").path(field.getKey());
            JsonNode described = own.isMissingNode() ? schema.path("additionalProperties") : own;
            if (described.isObject()) {
                Optional<String> fault = fault(field.getKey(), field.getValue(), described);
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
        if (value.isArray() && schema.has("items")) {
            for (JsonNode item : value) {
                Optional<String> fault = fault(place + "[]", item, schema.get("items"));
                if (fault.isPresent()) {
                    return fault;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean holds(String rule, JsonNode wanted, JsonNode schema, JsonNode value) {
        String text = value.isTextual() ? value.textValue() : null;
        return switch (rule) {
            case "type" ->
                wanted.isArray()
                        ? wanted.valueStream().anyMatch(type -> is(type.textValue(), value))
                        : is(wanted.textValue(), value);
            case "enum" -> wanted.valueStream().anyMatch(value::equals);
            case "required" -> !value.isObject() || wanted.valueStream().allMatch(name -> value.has(name.textValue()));
            case "additionalProperties" ->
                wanted.isObject()
                        || value.propertyStream()
                                .allMatch(field -> schema.path("properties").has(field.getKey()));
            case "maxProperties" -> value.size() <= wanted.intValue() || !value.isObject();
            case "propertyNames" ->
                value.propertyStream().allMatch(field -> allows(wanted, TextNode.valueOf(field.getKey())));
            case "minimum" -> !value.isNumber() || value.decimalValue().compareTo(wanted.decimalValue()) >= 0;
            case "maximum" -> !value.isNumber() || value.decimalValue().compareTo(wanted.decimalValue()) <= 0;
            case "minLength" -> text == null || text.codePointCount(0, text.length()) >= wanted.intValue();
            case "maxLength" -> text == null || text.codePointCount(0, text.length()) <= wanted.intValue();
            // In JSON Schema a dollar sign is the end, in Java also the place before a last line break.
            case "pattern" ->
                text == null
                        || Pattern.compile(wanted.textValue().replaceFirst("\\$$", "\\\\z"))
                                .matcher(text)
                                .find();
            case "format" -> text == null || hasFormat(wanted.textValue(), text);
            case "oneOf" ->
                wanted.valueStream().filter(option -> allows(option, value)).count() == 1;
            case "not" -> !allows(wanted, value);
            case "properties", "items", "description", "default" -> true;
            default -> throw new AssertionError("expected a known rule, but got " + rule);
        };
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" ->
                value.isIntegralNumber()
                        || value.isNumber()
                                && value.decimalValue().stripTrailingZeros().scale() <= 0;
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new AssertionError("expected a known type, but got " + type);
        };
    }

    private static boolean hasFormat(String format, String text) {
        return switch (format) {
            case "uuid" -> text.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
            case "date-time" -> text.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
            default -> throw new AssertionError("expected a known format, but got " + format);
        };
    }

    /** @return the schema, or what it refers to */
    public static JsonNode resolve(JsonNode schema) {
        return resolved(schema);
    }

    private static JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? DOCUMENT.at(node.get("$ref").textValue().substring(1)) : node;
    }

    private static JsonNode parse(String text) {
        try {
            return text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError("expected JSON, but got " + text, e);
        }
    }

    private static void expect(boolean right, String text) {
        if (!right) {
            throw new AssertionError(text);
        }
    }

    private static JsonNode read() {
        try (var in = ApiDocument.class.getResourceAsStream("/io/millrace/ingest/http/openapi.json")) {
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
