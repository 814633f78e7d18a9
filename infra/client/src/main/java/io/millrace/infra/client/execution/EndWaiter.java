package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.HttpAnswer;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Waits for the end of an execution, and prints what came of it. The server waits too, and answers as soon as there is
 * an end. If the server is away, the wait goes on for half a minute.
 */
final class EndWaiter {

    private static final String CONTINUED_AS_NEW = "CONTINUED_AS_NEW";
    private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELLED", CONTINUED_AS_NEW);
    /** The longest time that a server waits. */
    private static final Duration ROUND = Duration.ofSeconds(30);

    /** After so long it is said once what the execution waits for: mostly no worker knows its kind, or its queue is misspelt. */
    private static final Duration SILENT = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int PAUSES = 30;

    private final Api api;
    private final Kind kind;
    private final PrintWriter out;
    private final PrintWriter err;

    EndWaiter(Api api, Kind kind, PrintWriter out, PrintWriter err) {
        this.api = api;
        this.kind = kind;
        this.out = out;
        this.err = err;
    }

    /** @return the exit code, by how it ended */
    int run(UUID id, WaitingOptions options) throws InterruptedException {
        HttpAnswer end = endOfChain(id, options.timeout());
        JsonObject execution = end.json();
        return switch (execution.text("status")) {
            case "COMPLETED" -> {
                print(end, execution, options.raw());
                yield ExitCode.DONE;
            }
            case "FAILED" -> {
                err.println("millrace: " + kind.word() + " " + id + " failed: "
                        + Cell.of(execution.text("error")).text());
                yield ExitCode.FAILED;
            }
            case "CANCELLED" -> {
                err.println("millrace: " + kind.word() + " " + id + " was cancelled");
                yield ExitCode.CANCELLED;
            }
            default -> {
                err.println("millrace: expected " + kind.word() + " " + id + " to end in time, but it is "
                        + execution.text("status")
                        + why(id).map(why -> "; " + why).orElse(""));
                yield ExitCode.STILL_OPEN;
            }
        };
    }

    private void print(HttpAnswer end, JsonObject execution, boolean raw) {
        if (raw && execution.value("output") instanceof String text) {
            out.println(text);
        } else {
            out.println(JsonCodec.piece(end.body(), "output")
                    .map(piece -> new String(piece, StandardCharsets.UTF_8))
                    .orElse("null"));
        }
    }

    /** A workflow that continues as new ends with its last run. */
    private HttpAnswer endOfChain(UUID id, Duration timeout) throws InterruptedException {
        long begin = System.nanoTime();
        UUID run = id;
        while (true) {
            HttpAnswer end = end(run, timeout, begin);
            JsonObject execution = end.json();
            if (!execution.text("status").equals(CONTINUED_AS_NEW)) {
                return end;
            }
            run = UUID.fromString(execution.text("resetTo"));
        }
    }

    private HttpAnswer end(UUID id, Duration timeout, long begin) throws InterruptedException {
        int away = 0;
        boolean told = false;
        while (true) {
            Duration left = timeout == null ? ROUND : timeout.minusNanos(System.nanoTime() - begin);
            Duration longest = told ? ROUND : SILENT;
            Duration round = left.compareTo(longest) < 0 ? left : longest;
            try {
                String result = kind.path(id) + "/result";
                HttpAnswer answer = round.toMillis() < 1
                        ? api.get(result, Map.of())
                        : api.get(result, Map.of("wait", round.toMillis() + "ms"), round);
                if (ENDED.contains(answer.json().text("status")) || round.toMillis() < 1) {
                    return answer;
                }
                away = 0;
                if (!told && round.equals(SILENT)) {
                    told = true;
                    why(id).ifPresent(why -> err.println("millrace: still waiting; " + why));
                }
            } catch (ClientException e) {
                if (e.exitCode() != ExitCode.UNREACHABLE || ++away > PAUSES) {
                    throw e;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    /** @return what it waits for, as a sentence; empty if the server cannot say */
    private Optional<String> why(UUID id) {
        try {
            return Optional.of(api.get(kind.path(id) + "/why", Map.of()).json().text("sentence"))
                    .filter(sentence -> !sentence.isEmpty())
                    .map(sentence -> Cell.of(sentence).text());
        } catch (ClientException e) {
            return Optional.empty();
        }
    }
}
