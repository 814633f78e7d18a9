package io.millrace.infra.client.execution;

import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.JsonInput;
import io.millrace.infra.client.command.NotEmpty;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options for an execution that is to be started. */
public final class StartOptions {

    @Option(
            names = {"-i", "--input"},
            paramLabel = "JSON",
            description = "Its input: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String input;

    @Option(
            names = {"-q", "--queue"},
            paramLabel = "QUEUE",
            converter = NotEmpty.class,
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
    public void addTo(Map<String, Object> body, Invocation around) {
        GivenOptions.put(body, "input", input == null ? null : JsonInput.read("--input", input, around));
        GivenOptions.put(body, "queue", queue);
        GivenOptions.put(body, "metadata", metadata.isEmpty() ? null : metadata);
        GivenOptions.put(body, "idempotencyKeyTtlSeconds", keyTtl == null ? null : keyTtl.toSeconds());
    }
}
