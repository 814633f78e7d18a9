package io.millrace.infra.client.command;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.HttpAnswer;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.TextTable;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Mixin;

/** Lists something. It is printed page by page, so that nobody waits for the whole of a long list. */
public abstract class ListCommand extends ApiCommand {

    private static final int PAGE = 500;

    @Mixin
    private OutputOption output = new OutputOption();

    private final Instant now;

    protected ListCommand(Invocation around) {
        super(around);
        now = around.clock().instant();
    }

    /** @return path of the list */
    protected abstract String path();

    /** @return name of the field that holds the items */
    protected abstract String field();

    /** @return query parameters that say what is asked for */
    protected Map<String, String> filter() {
        return Map.of();
    }

    /** @return how many items to print; {@link Long#MAX_VALUE}: all */
    protected long most() {
        return Long.MAX_VALUE;
    }

    protected abstract List<Column<JsonObject>> columns();

    /** @return what is said where nothing is to be listed */
    protected String none() {
        return "there are none";
    }

    /** @return what is printed for an item where only ids are wanted */
    protected String id(JsonObject item) {
        return item.text("id");
    }

    /** Asks for what has to be known before the list is. */
    protected void prepare(Api api) {}

    @Override
    protected final int run(Api api) {
        prepare(api);
        Format format = output.format();
        TextTable<JsonObject> table = new TextTable<>(
                out(),
                around().screen(),
                columns().stream()
                        .filter(column -> format == Format.WIDE || !column.wide())
                        .toList());
        long left = most();
        boolean first = true;
        String cursor = "";
        do {
            HttpAnswer answer = api.get(path(), query(left, cursor));
            JsonObject page = answer.json();
            List<JsonObject> items = page.objects(field());
            print(format, table, items, first);
            first = false;
            left -= items.size();
            cursor = page.text("nextCursor");
            // The reader may have seen enough, as {@code head} does.
        } while (!cursor.isEmpty() && left > 0 && !out().checkError());
        if (format == Format.JSON) {
            out().println(left == most() ? "[]" : "\n]");
        } else if (format == Format.YAML && left == most()) {
            out().println("[]");
        } else if (!cursor.isEmpty() && around().screen().columns() > 0) {
            note("there are more; --all shows all of them, --limit as many as you want");
        }
        return 0;
    }

    private Map<String, String> query(long left, String cursor) {
        Map<String, String> query = new LinkedHashMap<>(filter());
        if (paged()) {
            query.put("limit", String.valueOf(Math.min(left, PAGE)));
        }
        if (!cursor.isEmpty()) {
            query.put("cursor", cursor);
        }
        return query;
    }

    /** @return whether the server tells the list in parts; otherwise it comes whole */
    protected boolean paged() {
        return false;
    }

    private void print(Format format, TextTable<JsonObject> table, List<JsonObject> items, boolean first) {
        switch (format) {
            case TABLE, WIDE -> {
                if (first && items.isEmpty()) {
                    note(none());
                } else {
                    table.print(items);
                }
            }
            case JSON -> {
                boolean begun = !first;
                for (JsonObject item : items) {
                    out().print((begun ? ",\n" : "[\n")
                            + JsonCodec.pretty(item.fields()).indent(2).stripTrailing());
                    begun = true;
                }
            }
            case YAML -> items.forEach(item -> out().print(YamlText.item(item.fields())));
            case ID -> items.forEach(item -> out().println(id(item)));
        }
    }

    // ---- columns that several lists have

    public static Column<JsonObject> text(String title, String field) {
        return Column.flexible(title, item -> Cell.of(item.text(field)));
    }

    public static Column<JsonObject> whole(String title, String field) {
        return Column.of(title, item -> Cell.of(item.text(field)));
    }

    public static Column<JsonObject> number(String title, String field) {
        return Column.of(
                title, item -> Cell.of(item.number(field).map(String::valueOf).orElse("")));
    }

    public static Column<JsonObject> status() {
        return Column.of("STATUS", item -> Cell.status(item.text("status")));
    }

    /** @return the time from which ages are counted, the same for the whole list */
    public final Instant now() {
        return now;
    }

    /** How long ago the time was. */
    public final Column<JsonObject> age(String title, String field) {
        return Column.of(title, item -> Cell.of(Times.between(item.time(field), Optional.of(now))));
    }

    /** How long something took, or has been going on. */
    public static Column<JsonObject> took(String from, String to) {
        return Column.of("TOOK", item -> Cell.of(Times.between(item.time(from), item.time(to))));
    }
}
