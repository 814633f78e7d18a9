package io.millrace.infra.client.promise;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.JsonInput;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Resolves a promise. */
@Command(
        name = "resolve",
        description = {
            "Resolves a promise.",
            "Exit code 1 if it was settled before, or its workflow had ended: it stays as it is."
        })
final class PromiseResolveCommand extends PromiseSettleCommand {

    @Option(
            names = "--value",
            paramLabel = "JSON",
            description = "What it resolves to: JSON, or @FILE, or - for standard input. Otherwise null.")
    private String value;

    PromiseResolveCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        GivenOptions.put(body, "value", value == null ? null : JsonInput.read("--value", value, around()));
        return settle(api, "resolve", body);
    }
}
