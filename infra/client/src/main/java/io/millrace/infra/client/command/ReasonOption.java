package io.millrace.infra.client.command;

import java.util.Map;
import picocli.CommandLine.Option;

/** The option that says why. */
public final class ReasonOption {

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            converter = NotEmpty.class,
            description = "Why. It stands in the audit trail; a server may be configured to want one.")
    private String reason;

    /** Writes what was said into the body of a request. */
    public void addTo(Map<String, Object> body) {
        GivenOptions.put(body, "reason", reason);
    }
}
