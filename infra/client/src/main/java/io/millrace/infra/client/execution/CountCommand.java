package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.ListCommand;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Counts executions by groups. */
@Command(
        name = "count",
        description = {
            "Counts them by groups, the largest group first.",
            "What happened in the last moments may be missing: the read model follows the log."
        })
public final class CountCommand extends ListCommand {

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Option(
            names = "--by",
            paramLabel = "FIELD",
            defaultValue = "status",
            completionCandidates = Fields.class,
            description = "What they are grouped by: ${COMPLETION-CANDIDATES}. Otherwise by status.")
    private String by;

    private final Kind kind;

    public CountCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected void prepare(Api api) {
        filter.resolve(api, kind);
    }

    @Override
    protected String path() {
        return kind.path() + "/counts";
    }

    @Override
    protected String field() {
        return "groups";
    }

    @Override
    protected Map<String, String> filter() {
        Map<String, String> query = filter.query();
        query.put("by", by);
        return query;
    }

    @Override
    protected String id(JsonObject group) {
        return group.text("value");
    }

    @Override
    protected List<Column<JsonObject>> columns() {
        return List.of(text(by.toUpperCase(Locale.ROOT), "value"), number("COUNT", "count"));
    }

    /** By what may be counted. */
    static final class Fields extends ArrayList<String> {

        private static final long serialVersionUID = 1L;

        Fields() {
            super(List.of("status", "kind", "queue"));
        }
    }
}
