package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Details;
import io.millrace.infra.client.print.Times;
import io.millrace.infra.client.print.YamlText;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows one execution. */
public abstract class ShowCommand extends ApiCommand {

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Mixin
    private OutputOption output = new OutputOption();

    private final Kind kind;

    protected ShowCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected final int run(Api api) {
        JsonObject found = api.get(kind.path(id), Map.of()).json();
        switch (output.format()) {
            case TABLE, WIDE -> {
                Details details = details(found, around().clock().instant());
                further(api, id, details);
                details.print(out(), around().screen());
            }
            case JSON -> out().println(JsonCodec.pretty(found.fields()));
            case YAML -> out().print(YamlText.of(found.fields()));
            case ID -> out().println(found.text("id"));
        }
        return 0;
    }

    protected abstract Details details(JsonObject found, Instant now);

    /** Adds what people see besides, and the server tells apart. */
    protected void further(Api api, UUID of, Details details) {}

    /** @return who has dismissed it as a dead letter, when and why; empty: nobody */
    protected static String dismissed(JsonObject found, Instant now) {
        JsonObject dismissal = found.object("dismissal");
        String by = dismissal.text("by");
        return by.isEmpty() ? "" : Times.ago(dismissal.time("at"), now) + " by " + by + ": " + dismissal.text("reason");
    }

    /** @return a payload on one line; empty if there is none */
    public static String payload(@Nullable Object value) {
        return value == null ? "" : JsonCodec.compact(value);
    }
}
