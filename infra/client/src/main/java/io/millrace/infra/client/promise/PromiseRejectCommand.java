package io.millrace.infra.client.promise;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Rejects a promise. */
@Command(
        name = "reject",
        description = {
            "Rejects a promise.",
            "Exit code 1 if it was settled before, or its workflow had ended: it stays as it is."
        })
final class PromiseRejectCommand extends PromiseSettleCommand {

    @Option(names = "--error", paramLabel = "TEXT", description = "Why, for the workflow.")
    private String error;

    PromiseRejectCommand(Invocation around) {
        super(around);
    }

    @Override
    protected int run(Api api) {
        Map<String, Object> body = new LinkedHashMap<>();
        GivenOptions.put(body, "error", error);
        return settle(api, "reject", body);
    }
}
