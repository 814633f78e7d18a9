package io.millrace.infra.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.testing.Await;
import io.millrace.ingest.contract.ApiDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.Set;

/** HTTP calls with an API key, whose answers are as the description of the API says. Safe from any thread. */
public final class TestHttp implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> OPEN = Set.of("PENDING", "RUNNING", "WAITING");

    private final HttpClient client = HttpClient.newHttpClient();
    private final String key;

    /** What came back. */
    public record Answer(int status, JsonNode body) {}

    /** @param key sent as bearer token; null: none is sent */
    public TestHttp(String key) {
        this.key = key;
    }

    /** @return the answer to a GET */
    public Answer get(URI address) {
        return send(HttpRequest.newBuilder(address));
    }

    /**
     * Waits for the end of a workflow or a task, with the patience of all tests.
     *
     * @param execution address of it
     * @return how it stands then
     */
    public JsonNode ended(URI execution) {
        URI waiting = URI.create(execution + "?wait=20s");
        return Await.found(
                "the end of " + execution,
                () -> Optional.of(get(waiting).body())
                        .filter(now -> !OPEN.contains(now.path("status").asText())));
    }

    /** @return the body of the answer to a GET, as it stands */
    public String text(URI address) {
        return exchange(HttpRequest.newBuilder(address)).body();
    }

    /** @return the answer to a POST of the JSON */
    public Answer post(URI address, String json) {
        return send(HttpRequest.newBuilder(address)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private Answer send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request);
        try {
            return new Answer(response.statusCode(), JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> exchange(HttpRequest.Builder request) {
        if (key != null) {
            request.header("authorization", "Bearer " + key);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            ApiDocument.check(response);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
