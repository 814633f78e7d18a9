package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.contract.ApiDocument.Operation;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.auth.Role;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What no request may do, whichever route it takes; another test holds the document to the table of the routes. */
class HttpBadInputTest {

    private static final Predicate<Operation> KEYED =
            operation -> operation.path().contains("{slug}");
    private static final Predicate<Operation> WITH_BODY =
            operation -> operation.method().equals("POST");

    private OpenDoor door;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
    }

    @AfterEach
    void close() {
        door.close();
    }

    @TestFactory
    Stream<DynamicTest> withoutAKnownKeyNothingIsServed() {
        return each(KEYED, operation -> {
            assertError(door.send(request(operation)), 401, "UNAUTHENTICATED", "expected an API key");
            assertError(
                    door.send(request(operation).header("Authorization", "Bearer guess")),
                    401,
                    "UNAUTHENTICATED",
                    "expected a known API key");
            assertError(
                    door.send(request(operation).header("Authorization", "Basic YTpi")),
                    401,
                    "UNAUTHENTICATED",
                    "expected an API key");
        });
    }

    @TestFactory
    Stream<DynamicTest> anotherOrganisationIsNotFoundByItsSlugAndByItsId() {
        return each(KEYED, operation -> {
            for (String org : List.of(
                    "beta",
                    OpenDoor.BETA.toString(),
                    "nobody",
                    UUID.randomUUID().toString())) {
                HttpResponse<String> response =
                        door.http(operation.method(), path(operation).replace("/alpha/", "/" + org + "/"), null);

                assertError(response, 404, "NOT_FOUND", "expected the organisation of the API key, 'alpha'");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> theOrganisationMayBeNamedByItsId() {
        return each(KEYED, operation -> {
            HttpResponse<String> bySlug = door.http(operation.method(), path(operation), null);
            HttpResponse<String> byId =
                    door.http(operation.method(), path(operation).replace("/alpha/", "/" + OpenDoor.ALPHA + "/"), null);

            assertEquals(bySlug.statusCode(), byId.statusCode());
            assertEquals(bySlug.body(), byId.body());
        });
    }

    @TestFactory
    Stream<DynamicTest> everyRoleIsAnsweredAlikeThatMayDoIt() {
        Map<String, Role> keys = Map.of(OpenDoor.MEMBER_KEY, Role.MEMBER, OpenDoor.WORKER_KEY, Role.WORKER);
        return each(KEYED, operation -> {
            HttpResponse<String> admin = door.http(operation.method(), path(operation), null);
            for (Map.Entry<String, Role> key : keys.entrySet()) {
                HttpResponse<String> other =
                        door.send(request(operation).header("Authorization", "Bearer " + key.getKey()));

                if (operation.path().endsWith("/schedules/{schedule}/trigger")) {
                    // Who may not cancel triggers no schedule that may cancel.
                    assertError(other, 404, "NOT_FOUND", "known whether it cancels runs");
                } else if (Permissions.all().get(operation.toString()).holders().contains(key.getValue())) {
                    assertEquals(admin.statusCode(), other.statusCode());
                    assertEquals(admin.body(), other.body());
                } else {
                    assertError(other, 403, "PERMISSION_DENIED", "has the role " + key.getValue());
                }
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> aMalformedIdIsRefused() {
        return each(operation -> operation.path().contains("{id}"), operation -> {
            for (String id : List.of("no-id", "1-2-3-4-5", "33333333-3333-4333-8333-33333333333", "%20", "null")) {
                String path = operation
                        .path()
                        .replace("{slug}", "alpha")
                        .replace("{key}", "k")
                        .replace("{id}", id);
                HttpResponse<String> response = door.http(operation.method(), path, body(operation));

                assertError(response, 400, "INVALID_ARGUMENT", "expected a UUID");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> aQueryParameterThatIsNotReadIsRefusedAndTheKnownOnesAreNamed() {
        return each(KEYED, operation -> {
            HttpResponse<String> response = door.http(operation.method(), path(operation) + "?colour=red", null);

            assertError(response, 400, "INVALID_ARGUMENT", "'colour'");
            operation.query().forEach(name -> assertTrue(response.body().contains(name), response.body()));
        });
    }

    @TestFactory
    Stream<DynamicTest> aParameterThatStandsTwiceIsRefused() {
        return each(
                operation -> !operation.query().isEmpty(),
                operation -> assertError(
                        door.http(operation.method(), path(operation) + "?limit=1&limit=2", null),
                        400,
                        "INVALID_ARGUMENT",
                        "expected each query parameter once"));
    }

    @TestFactory
    Stream<DynamicTest> aParameterWithoutAValueIsRefusedForItWouldAskForNothing() {
        return each(operation -> !operation.query().isEmpty(), operation -> {
            for (String name : operation.query()) {
                String asked = name.equals("metadata") ? "metadata[]" : name;
                assertError(
                        door.http(
                                operation.method(), path(operation) + "?" + asked.replace("[]", "%5B%5D") + "=", null),
                        400,
                        "INVALID_ARGUMENT",
                        asked);
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> aBodyThatIsNoJsonObjectIsRefusedWithTheFirstPlaceThatIsWrong() {
        return each(WITH_BODY, operation -> {
            assertBody(operation, "{\"a\":\n tru }", "it is no JSON at line 2, column 2");
            assertBody(operation, "{\"a\":", "it is no JSON at line 1, column 6");
            assertBody(operation, "\n\n  [1]", "another value begins at line 3, column 3");
            assertBody(operation, "\"text\"", "another value begins at line 1, column 1");
            assertBody(operation, "{} {}", "more comes after it at line 1, column 4");
            assertBody(operation, " \n ", "it ends at line 2, column 2");
            assertBody(operation, "{\"a\":" + "[".repeat(2_000) + "}", "expected at most 1000 levels of JSON");
            assertBody(operation, "{\"no such field\":1}", "'no such field'");
        });
    }

    @TestFactory
    Stream<DynamicTest> aBodyThatIsNoUtf8IsRefused() {
        return each(
                WITH_BODY,
                operation -> assertError(
                        door.send(door.request("POST", path(operation), null)
                                .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(
                                        "{\"ä\":1}".getBytes(StandardCharsets.ISO_8859_1)))),
                        400,
                        "INVALID_ARGUMENT",
                        "expected a JSON object in UTF-8"));
    }

    @TestFactory
    Stream<DynamicTest> halfACharacterIsRefusedInEveryTextLestSeveralBecomeOne() {
        return each(WITH_BODY, operation -> {
            for (String half : List.of("a-\\ud83d", "a-\\ud83e", "a-\\udc00", "\\udc00\\ud83d")) {
                operation.body().path("properties").propertyStream().forEach(field -> {
                    JsonNode schema = field.getValue();
                    if (type(schema).equals("string")) {
                        assertBodyOf(operation, field.getKey(), "\"" + half + "\"", "half a surrogate pair");
                    } else if (schema.has("additionalProperties")) {
                        assertBodyOf(operation, field.getKey(), "{\"k\":\"" + half + "\"}", "half a surrogate pair");
                        assertBodyOf(operation, field.getKey(), "{\"" + half + "\":\"v\"}", "it is no JSON");
                    }
                });
                assertBody(operation, "{\"" + half + "\":1}", "it is no JSON");
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> bytesThatAreNoUtf8AreRefusedInEveryPath() {
        return each(KEYED, operation -> {
            for (String bytes : List.of("%ff", "%C0%AF", "%ed%a0%80", "%f4%90%80%80", "a%e2%82")) {
                String path = operation.path().replace("{slug}", "alpha").replaceAll("\\{[a-z]+}", bytes);
                if (path.contains(bytes)) {
                    assertError(door.http(operation.method(), path, null), 400, "INVALID_ARGUMENT", "no UTF-8");
                }
                assertError(
                        door.http(operation.method(), path(operation) + "?kind=" + bytes, null),
                        400,
                        "INVALID_ARGUMENT",
                        "no UTF-8");
                assertError(
                        door.http(operation.method(), path(operation) + "?" + bytes + "=1", null),
                        400,
                        "INVALID_ARGUMENT",
                        "no UTF-8");
            }
        });
    }

    private void assertBody(Operation operation, String body, String text) throws Exception {
        assertError(door.http("POST", path(operation), body), 400, "INVALID_ARGUMENT", text);
    }

    @TestFactory
    Stream<DynamicTest> aFieldOfAnotherTypeIsRefusedByItsName() {
        return each(
                WITH_BODY,
                operation -> operation
                        .body()
                        .path("properties")
                        .propertyStream()
                        .forEach(field -> {
                            String type = type(field.getValue());
                            String wrong = type.equals("string") ? "7" : "\"seven\"";
                            if (!type.isEmpty()) {
                                assertBodyOf(operation, field.getKey(), wrong);
                                assertBodyOf(operation, field.getKey(), "[{}]");
                            }
                        }));
    }

    private void assertBodyOf(Operation operation, String field, String value) {
        assertBodyOf(operation, field, value, " as " + field);
    }

    private void assertBodyOf(Operation operation, String field, String value, String text) {
        try {
            HttpResponse<String> response = door.http("POST", path(operation), "{\"" + field + "\":" + value + "}");
            assertError(response, 400, "INVALID_ARGUMENT", text);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @TestFactory
    Stream<DynamicTest> aBodyThatIsTooLargeIsRefused() {
        return each(
                WITH_BODY,
                operation -> assertError(
                        door.http("POST", path(operation), "{\"a\":\"" + "x".repeat(2 << 20) + "\"}"),
                        413,
                        "RESOURCE_EXHAUSTED",
                        // Whoever shows no key has less room.
                        "expected a body of at most " + (operation.description().has("security") ? 16_384 : 2_097_152)
                                + " bytes"));
    }

    @TestFactory
    Stream<DynamicTest> aBodyOfAnotherTypeIsRefused() {
        return each(
                WITH_BODY,
                operation -> assertError(
                        door.send(door.request("POST", path(operation), null)
                                .header("Authorization", "Bearer " + OpenDoor.USER_KEY)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString("kind=echo"))),
                        415,
                        "UNSUPPORTED_MEDIA_TYPE",
                        "expected a body of type application/json"));
    }

    @TestFactory
    Stream<DynamicTest> anotherMethodIsRefusedAndThoseOfThePathAreNamed() {
        return each(operation -> true, operation -> {
            Set<String> known = new TreeSet<>();
            ApiDocument.operations().stream()
                    .filter(other -> other.path().equals(operation.path()))
                    .forEach(other -> known.add(other.method()));
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                HttpResponse<String> response = door.http(method, path(operation), null);
                if (!known.contains(method)) {
                    assertEquals(405, response.statusCode(), method);
                    assertEquals(
                            String.join(", ", known),
                            response.headers().firstValue("allow").orElseThrow());
                } else {
                    assertNotEquals(405, response.statusCode(), method);
                }
            }
        });
    }

    /** @return the first type of the schema, empty where any will do */
    private static String type(JsonNode schema) {
        return schema.path("type").isArray()
                ? schema.at("/type/0").asText()
                : schema.path("type").asText();
    }

    /** A body that is right as far as the test goes: what a route needs is all there. */
    private static boolean isInteger(Operation operation, String field) {
        return operation
                .body()
                .path("properties")
                .path(field)
                .path("type")
                .asText()
                .equals("integer");
    }

    private static String body(Operation operation) {
        if (operation.method().equals("GET")) {
            return null;
        }
        StringBuilder body = new StringBuilder();
        operation
                .body()
                .path("required")
                .forEach(name -> body.append(body.isEmpty() ? "" : ",")
                        .append('"')
                        .append(name.textValue())
                        .append("\":")
                        .append(isInteger(operation, name.textValue()) ? "1" : "\"x\""));
        return "{" + body + "}";
    }

    private HttpRequest.Builder request(Operation operation) {
        return door.request(operation.method(), path(operation), null);
    }

    /** Ids that nobody has; every call gives the same. */
    private static String path(Operation operation) {
        String id = new UUID(operation.hashCode(), 7).toString();
        return operation
                .path()
                .replace("{slug}", "alpha")
                .replace("{id}", id)
                .replace("{promise}", id)
                .replace("{subject}", id)
                .replace("{schedule}", id)
                .replace("{name}", id)
                .replace("{queue}", id)
                .replace("{kind}", id)
                .replace("{key}", "k")
                .replaceAll("\\{(partition|level|n\\d)}", "0");
    }

    private interface Check {
        void of(Operation operation) throws Exception;
    }

    private static Stream<DynamicTest> each(Predicate<Operation> which, Check check) {
        return ApiDocument.operations().stream()
                .filter(which)
                .map(operation -> dynamicTest(operation.toString(), () -> check.of(operation)));
    }

    private static void assertError(HttpResponse<String> response, int status, String code, String text)
            throws IOException {
        assertEquals(status, response.statusCode(), response.body());
        JsonNode error = new ObjectMapper().readTree(response.body()).get("error");
        assertEquals(code, error.get("code").textValue());
        assertTrue(error.get("message").textValue().contains(text), response.body());
    }
}
