package io.millrace.infra.client.audit;

import io.millrace.infra.client.command.Durations;
import io.millrace.infra.client.command.GivenOptions;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.PagedListCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Lists who asked for what. */
@Command(
        name = "list",
        description = {
            "Lists who asked for what, when, and what came of it, the newest first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
final class AuditListCommand extends PagedListCommand {

    @Option(names = "--principal", paramLabel = "ID", description = "Only what this one asked for.")
    private String principal;

    @Option(
            names = "--execution",
            paramLabel = "ID",
            converter = IdConverter.class,
            description = "Only what concerns this workflow execution, or this task without a workflow.")
    private UUID execution;

    @Option(names = "--command", paramLabel = "NAME", description = "Only this command, such as cancel_workflow.")
    private String command;

    @Option(
            names = "--outcome",
            paramLabel = "OUTCOME",
            description = "Only DONE, ALREADY_CLOSED, UNCHANGED, or the reason of a refusal, such as NOT_FOUND.")
    private String outcome;

    @Option(names = "--queue", paramLabel = "QUEUE", description = "Only what concerns this queue.")
    private String queue;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description =
                    "Only what was decided since then: a time such as 2026-01-31T08:00:00Z, or how long ago, such as 2h.")
    private String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Only what was decided before that.")
    private String to;

    @Option(
            names = "--installation",
            description = "Notes on nodes and their configuration, which concern all organisations, instead.")
    private boolean installation;

    AuditListCommand(Invocation around) {
        super(around);
    }

    @Override
    protected String path() {
        return "/audit";
    }

    @Override
    protected String field() {
        return "entries";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = new LinkedHashMap<>();
        GivenOptions.put(query, "principal", principal);
        GivenOptions.put(query, "execution", execution == null ? null : execution.toString());
        GivenOptions.put(query, "command", command);
        GivenOptions.put(query, "outcome", outcome);
        GivenOptions.put(query, "queue", queue);
        GivenOptions.put(query, "from", from == null ? null : time("--from", from));
        GivenOptions.put(query, "to", to == null ? null : time("--to", to));
        GivenOptions.put(query, "about", installation ? "installation" : null);
        return query;
    }

    private String time(String option, String text) {
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeException noTime) {
            try {
                return around().clock()
                        .instant()
                        .minus(new Durations().convert(text))
                        .toString();
            } catch (TypeConversionException | DateTimeException e) {
                throw new ParameterException(
                        spec().commandLine(),
                        "expected a time such as 2026-01-31T08:00:00Z, or how long ago, such as 2h, behind " + option
                                + ", but got '" + text + "'");
            }
        }
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(
                age("AGE", "decidedAt"),
                Column.flexible(
                        "WHO", entry -> Cell.of(entry.object("principal").text("id"))),
                Column.flexible("COMMAND", entry -> Cell.of(asked(entry))),
                Column.of("OUTCOME", entry -> outcome(entry.text("outcome"))),
                whole("EXECUTION", "executionId"),
                text("REASON", "reason").onlyWide(),
                text("REFUSAL", "refusal").onlyWide(),
                Column.<JsonObject>flexible("FROM", entry -> Cell.of(client(entry.object("origin"))))
                        .onlyWide(),
                whole("ID", "id").onlyWide());
    }

    private static String asked(JsonObject entry) {
        return entry.text("request").isEmpty() ? entry.text("command") : entry.text("request");
    }

    private static Cell outcome(String outcome) {
        return Cell.of(outcome)
                .as(
                        switch (outcome) {
                            case "DONE" -> Cell.Look.GOOD;
                            case "ALREADY_CLOSED", "UNCHANGED" -> Cell.Look.ODD;
                            default -> Cell.Look.BAD;
                        });
    }

    private static String client(JsonObject origin) {
        return origin.text("client").isEmpty() ? origin.text("peer") : origin.text("client");
    }
}
