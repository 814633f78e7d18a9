package io.millrace.infra.client.workflow;

import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.JsonInput;
import io.millrace.infra.client.command.NotEmpty;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options for a signal. */
final class SignalOptions {

    @Option(
            names = "--value",
            paramLabel = "JSON",
            description = "Value of the signal: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String value;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            converter = NotEmpty.class,
            description = "Idempotency key of the signal: sent again with it, the signal is one signal.")
    private String key;

    /** Adds the options that were given. */
    void addTo(Map<String, Object> body, Invocation around) {
        GivenOptions.put(body, "signalValue", value == null ? null : JsonInput.read("--value", value, around));
        GivenOptions.put(body, "idempotencyKey", key);
    }
}
