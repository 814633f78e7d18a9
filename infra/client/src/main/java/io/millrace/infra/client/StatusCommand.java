package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.YamlText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says how a server is. */
@Command(
        name = "status",
        description = {"Says which server answers, and how it is.", "Exit code 4 if it is not ready."})
final class StatusCommand extends ApiCommand {

    private static final Duration PAUSE = Duration.ofMillis(500);

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Waits so long at the most until there is a server and it is ready, such as 30s or 5m.")
    private Duration wait = Duration.ZERO;

    @Mixin
    private OutputOption output = new OutputOption();

    private final long begin = System.nanoTime();

    StatusCommand(Invocation around) {
        super(around);
    }

    /** With a wait: the development server may not have begun yet, or may be on another port than the last time. */
    @Override
    public Integer call() throws Exception {
        String told = "";
        while (true) {
            try {
                return super.call();
            } catch (ClientException e) {
                if (e.exitCode() != ExitCode.UNREACHABLE || System.nanoTime() - begin >= wait.toNanos()) {
                    throw e;
                }
                String lacking = String.valueOf(e.getMessage());
                if (!lacking.equals(told)) {
                    note("waiting; " + lacking);
                    told = lacking;
                }
                Thread.sleep(PAUSE);
            }
        }
    }

    @Override
    protected int run(Api api) {
        JsonObject ready = api.open("/_/ready").json();
        switch (output.format()) {
            case TABLE, WIDE -> details(api, ready).print(out(), around().screen());
            case JSON -> out().println(JsonCodec.pretty(fields(api, ready)));
            case YAML -> out().print(YamlText.of(fields(api, ready)));
            case ID -> out().println(ready.text("node"));
        }
        return ExitCode.DONE;
    }

    private static Details details(Api api, JsonObject ready) {
        return new Details()
                .line("server", api.target().url().toString())
                .line("context", api.target().name())
                .line("organisation", api.target().organisation())
                .line("node", ready.text("node"))
                .line("data", ready.text("data"))
                .line("status", new Cell("ready", Cell.Look.GOOD))
                .line("lists", lists(api));
    }

    private static String lists(Api api) {
        try {
            JsonObject lag = lag(api);
            return lag.number("lagRecords").orElse(0L) + " records and "
                    + lag.number("lagMillis").orElse(0L) + " ms behind the log";
        } catch (ClientException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Map<String, Object> fields(Api api, JsonObject ready) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("server", api.target().url().toString());
        fields.put("context", api.target().name());
        fields.put("organisation", api.target().organisation());
        fields.putAll(ready.fields());
        try {
            fields.put("readModel", lag(api).fields());
        } catch (ClientException e) {
            fields.put("readModelError", String.valueOf(e.getMessage()));
        }
        return fields;
    }

    private static JsonObject lag(Api api) {
        return api.get("/read-model", Map.of()).json();
    }
}
