package io.millrace.ingest.auth.openid;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks an issuer over HTTP: no answer is taken that is too long or too late. Safe from any thread; asking waits. */
final class IssuerHttp implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final int MOST_BYTES = 1 << 20;
    private static final int OK = 200;

    private final Duration patience;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(PATIENCE)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /** @param patience time in which each answer has to be there, to its last byte */
    IssuerHttp(Duration patience) {
        this.patience = patience;
    }

    /**
     * @return the body of an answer 200
     * @throws IllegalStateException if there is no such answer
     */
    String get(URI place) {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(place).build());
        if (answer.statusCode() != OK) {
            throw new IllegalStateException(
                    "expected " + place + " to answer 200, but it answers " + answer.statusCode());
        }
        return answer.body();
    }

    /**
     * @return the answer, whatever its status
     * @throws IllegalStateException if there is none
     */
    HttpResponse<String> send(HttpRequest request) {
        CompletableFuture<HttpResponse<String>> asked = http.sendAsync(request, head -> new LimitedBody(MOST_BYTES));
        URI place = request.uri();
        try {
            // The limit of a request itself is over once the answer begins.
            return asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "expected " + place + " to answer with at most " + MOST_BYTES + " bytes, but it does not: "
                            + e.getCause(),
                    e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "expected " + place + " to answer within " + patience.toMillis() + " ms, but it does not", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + place + " was to answer", e);
        } finally {
            asked.cancel(true);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
