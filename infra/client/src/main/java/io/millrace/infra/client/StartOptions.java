package io.millrace.infra.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for an execution that is to be started. */
final class StartOptions {

    @Option(
            names = {"-i", "--input"},
            paramLabel = "JSON",
            description = "Its input: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String input;

    @Option(
            names = {"-q", "--queue"},
            paramLabel = "QUEUE",
            description = "Queue of the workers that are to have it. Otherwise default.")
    private String queue;

    @Option(names = "--metadata", paramLabel = "NAME=VALUE", description = "An entry of its metadata. May be repeated.")
    private Map<String, String> metadata = new LinkedHashMap<>();

    @Option(
            names = "--key-ttl",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "How long keys stand for what they were given for, such as 1h or 7d. Otherwise 24h.")
    private Duration keyTtl;

    /** Adds the options that were given. */
    void addTo(Map<String, Object> body, Invocation around) {
        put(body, "input", input == null ? null : JsonInput.read("--input", input, around));
        put(body, "queue", queue);
        put(body, "metadata", metadata.isEmpty() ? null : metadata);
        put(body, "idempotencyKeyTtlSeconds", keyTtl == null ? null : keyTtl.toSeconds());
    }

    static void put(Map<String, Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
