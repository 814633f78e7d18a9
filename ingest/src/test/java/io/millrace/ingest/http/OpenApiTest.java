package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.contract.ApiDocument.Operation;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Shards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Holds the description of the API against the table of its routes, both ways. */
class OpenApiTest {

    private final JsonNode document = ApiDocument.whole();

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
            boolean open =
                    operation.has("security") && operation.get("security").isEmpty();
            assertEquals(route.open(), open, route.template());
            assertEquals(!route.open(), operation.get("responses").has("401"), route.template());
        }
    }

    @Test
    void namesEveryPlaceOfEveryPath() {
        document.get("paths").properties().forEach(path -> {
            Set<String> named = new TreeSet<>();
            path.getValue()
                    .path("parameters")
                    .forEach(parameter -> named.add(parameter.get("name").textValue()));
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
        document.at("/components/schemas")
                .fieldNames()
                .forEachRemaining(name -> assertTrue(used.contains("/components/schemas/" + name), name));
    }

    @Test
    void givesEveryOperationAnIdOfItsOwn() {
        List<String> ids = new ArrayList<>();
        described()
                .values()
                .forEach(operation -> ids.add(operation.get("operationId").textValue()));

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

    @Test
    void namesEveryQueryParameterThatIsRead() {
        for (Route route : routes()) {
            // The name of a map stands for the forms in which the names of its entries stand.
            Set<String> read = new TreeSet<>();
            route.query().forEach(name -> read.add(name.replaceAll("[.\\[]$", "")));

            assertEquals(read, new TreeSet<>(operation(route).query()), route.template());
        }
    }

    @Test
    void namesEveryCommandAndOutcomeThatTheTrailMayBeAskedFor() {
        JsonNode asked = document.at("/paths").get("/api/orgs/{slug}/audit").at("/get/parameters");

        assertEquals(Asked.COMMANDS, choices(asked, "command"));
        assertEquals(TrailEntry.OUTCOMES, choices(asked, "outcome"));
    }

    private static List<String> choices(JsonNode parameters, String name) {
        List<String> choices = new ArrayList<>();
        for (JsonNode parameter : parameters) {
            if (parameter.get("name").textValue().equals(name)) {
                parameter.at("/schema/enum").forEach(choice -> choices.add(choice.textValue()));
            }
        }
        return choices;
    }

    @Test
    void namesEveryFieldThatIsRead() throws Exception {
        try (OpenDoor door = OpenDoor.open()) {
            for (Operation operation : ApiDocument.operations()) {
                if (operation.method().equals("POST")) {
                    Set<String> named = new TreeSet<>();
                    operation.body().path("properties").fieldNames().forEachRemaining(named::add);
                    String id = Shards.newId().toString();
                    String path = operation.path().replace("{slug}", "alpha").replaceAll("\\{.*?}", id);
                    var response = door.http("POST", path, "{\"no such field\":1}");

                    assertEquals(400, response.statusCode(), operation.toString());
                    String text = new ObjectMapper()
                            .readTree(response.body())
                            .at("/error/message")
                            .textValue();
                    String expected =
                            named.isEmpty() ? "expected no fields," : "expected only the fields " + named + ",";
                    assertTrue(text.startsWith(expected), operation + ": " + text);
                    assertFalse(operation.body().get("additionalProperties").booleanValue(), operation.toString());
                }
            }
        }
    }

    @Test
    void saysWhatCanGoWrongEverywhere() {
        for (Route route : routes()) {
            JsonNode responses = operation(route).description().get("responses");
            Set<String> missing = new TreeSet<>(Set.of("405", "500"));
            if (!route.open()) {
                missing.addAll(Set.of("400", "401", "403", "404", "429"));
            }
            if (route.method().equals("POST")) {
                missing.addAll(Set.of("413", "415", "503"));
            }
            if (route.method().equals("POST") && !route.open()) {
                missing.add("504");
            }
            responses.fieldNames().forEachRemaining(missing::remove);
            assertEquals(Set.of(), missing, route.method() + " " + route.template());
        }
    }

    private Operation operation(Route route) {
        return ApiDocument.operations().stream()
                .filter(operation -> operation.toString().equals(route.method() + " " + route.template()))
                .findFirst()
                .orElseThrow();
    }

    private Map<String, JsonNode> described() {
        Map<String, JsonNode> operations = new TreeMap<>();
        ApiDocument.operations().forEach(operation -> operations.put(operation.toString(), operation.description()));
        return operations;
    }

    private static List<Route> routes() {
        return EmptyRoutes.of(null).all(new NodeStatus("node", Path.of("/data"), Optional::empty), () -> "");
    }
}
