package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.standin.OpenDoor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the description of the API against the table of its routes, both ways. */
class OpenApiTest {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    private final JsonNode document = document();

    @Test
    void describesEveryRouteAndNoOther() {
        Set<String> served = new TreeSet<>();
        for (Route route : routes()) {
            served.add(route.method() + " " + route.template());
        }

        assertEquals(served, described().keySet());
    }

    @Test
    void saysWhichRoutesNeedAKey() {
        for (Route route : routes()) {
            JsonNode operation = described().get(route.method() + " " + route.template());
            boolean open = operation.has("security") && operation.get("security").isEmpty();
            assertEquals(route.open(), open, route.template());
            assertEquals(!route.open(), operation.get("responses").has("401"), route.template());
        }
    }

    @Test
    void namesEveryPlaceOfEveryPath() {
        document.get("paths").properties().forEach(path -> {
            Set<String> named = new TreeSet<>();
            path.getValue().path("parameters").forEach(parameter -> named.add(parameter.get("name").textValue()));
            Set<String> places = new TreeSet<>();
            for (String segment : Route.segments(path.getKey())) {
                if (segment.startsWith("{")) {
                    places.add(segment.substring(1, segment.length() - 1));
                }
            }
            assertEquals(places, named, path.getKey());
        });
    }

    @Test
    void hasEverythingThatItRefersTo() {
        List<JsonNode> references = document.findValues("$ref");
        assertFalse(references.isEmpty());
        Set<String> used = new HashSet<>();
        for (JsonNode reference : references) {
            String pointer = reference.textValue().substring(1);
            used.add(pointer);
            assertTrue(document.at(pointer).isObject(), pointer);
        }
        document.at("/components/schemas").fieldNames().forEachRemaining(name -> assertTrue(
                used.contains("/components/schemas/" + name), name));
    }

    @Test
    void givesEveryOperationAnIdOfItsOwn() {
        List<String> ids = new ArrayList<>();
        described().values().forEach(operation -> ids.add(operation.get("operationId").textValue()));

        assertEquals(ids.size(), new HashSet<>(ids).size());
    }

    @Test
    void isServed() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            var response = door.send(door.request("GET", "/api/openapi.json", null));

            assertEquals(200, response.statusCode());
            assertEquals(document, new ObjectMapper().readTree(response.body()));
        }
    }

    private Map<String, JsonNode> described() {
        Map<String, JsonNode> operations = new TreeMap<>();
        document.get("paths").properties().forEach(path -> path.getValue().properties().forEach(field -> {
            if (METHODS.contains(field.getKey())) {
                operations.put(field.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), field.getValue());
            }
        }));
        return operations;
    }

    private static List<Route> routes() {
        return new Routes(null, null, null, null, null).all(Optional::empty, () -> "");
    }

    private static JsonNode document() {
        try (var in = OpenApiTest.class.getResourceAsStream("openapi.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
