package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists workers. */
@Command(name = "list", description = "Lists workers that have registered, the newest first.")
final class WorkerListCommand extends PagedListCommand {

    @Option(
            names = "--status",
            paramLabel = "STATUS",
            description = "Only those that are ONLINE, or OFFLINE: without a sign of life for two minutes.")
    private String status;

    WorkerListCommand(Invocation around) {
        super(around);
    }

    @Override
    protected String path() {
        return "/workers";
    }

    @Override
    protected String field() {
        return "workers";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = new LinkedHashMap<>();
        GivenOptions.put(query, "status", status == null ? null : status.toUpperCase(Locale.ROOT));
        return query;
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                whole("ID", "id").onlyWide(),
                text("NAME", "name"),
                status(),
                age("SEEN", "lastSeenAt"),
                Column.flexible("DRAINING", item -> Cell.of(draining(item))),
                text("VERSION", "version"),
                text("HOST", "hostName"),
                Column.flexible("KINDS", item -> Cell.of(kinds(item))),
                text("PROCESS", "processId").onlyWide(),
                age("REGISTERED", "registeredAt").onlyWide());
    }

    private String draining(JsonObject worker) {
        JsonObject draining = worker.object("draining");
        String by = draining.text("by");
        String reason = draining.text("reason");
        return by.isEmpty()
                ? ""
                : draining.number("inHand").orElse(0L) + " in hand, " + Times.ago(draining.time("since"), now())
                        + " by " + by + (reason.isEmpty() ? "" : ": " + reason);
    }

    private static String kinds(JsonObject worker) {
        return Stream.concat(worker.list("workflowKinds").stream(), worker.list("taskKinds").stream())
                .map(String::valueOf)
                .collect(Collectors.joining(","));
    }
}
