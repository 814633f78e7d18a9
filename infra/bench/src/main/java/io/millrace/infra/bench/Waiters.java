package io.millrace.infra.bench;

import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Callers that wait for the ends of workflows. Any thread; futures complete on threads of theirs. */
final class Waiters implements AutoCloseable {

    private static final String KEY = Access.DEV_USER_KEY;

    /** How one can wait. */
    enum Way {
        NOBODY("nobody waits"),
        CALL("AwaitEnd"),
        REQUEST("?wait="),
        STREAM("event stream");

        private final String title;

        Way(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    private final BenchClient client;
    private final String executions;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();

    Waiters(BenchTarget target) {
        client = target.client();
        executions = "http://" + target.host() + ":" + target.httpPort() + "/api/orgs/dev/workflow-executions/";
    }

    /** @return completes when the end of the workflow is known in this way */
    CompletableFuture<?> await(Way way, String id) {
        return switch (way) {
            case NOBODY -> CompletableFuture.completedFuture(id);
            case CALL -> client.awaitEnd(id).thenAccept(answer -> expect(answer.getStatus()));
            case REQUEST ->
                http.sendAsync(request(id + "?wait=30s"), HttpResponse.BodyHandlers.ofString())
                        .thenAccept(answer -> expect(answer.body()));
            case STREAM -> stream(id);
        };
    }

    private CompletableFuture<Void> stream(String id) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        readers.execute(() -> {
            try (Stream<String> lines = http.send(request(id + "/stream"), HttpResponse.BodyHandlers.ofLines())
                    .body()) {
                // To its end, so that the connection can be used again.
                lines.forEach(line -> {
                    if (line.contains("WORKFLOW_COMPLETED")) {
                        ended.complete(null);
                    }
                });
                ended.completeExceptionally(new IllegalStateException("expected the stream to tell of the end"));
            } catch (IOException | UncheckedIOException e) {
                ended.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                ended.completeExceptionally(e);
            }
        });
        return ended;
    }

    private static void expect(String answer) {
        if (!answer.contains(WorkflowStatus.COMPLETED.name())) {
            throw new IllegalStateException("expected a workflow that has completed, but got " + answer);
        }
    }

    private HttpRequest request(String rest) {
        return HttpRequest.newBuilder(URI.create(executions + rest))
                .header("authorization", "Bearer " + KEY)
                .build();
    }

    @Override
    public void close() {
        readers.shutdownNow();
        http.shutdownNow();
        client.close();
    }
}
