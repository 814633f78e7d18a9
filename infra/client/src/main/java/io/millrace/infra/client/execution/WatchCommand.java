package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.SentEvents;
import io.millrace.infra.client.api.SentEvents.Event;
import io.millrace.infra.client.api.StreamOverException;
import io.millrace.infra.client.command.ApiCommand;
import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.OutputOption;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.EventLine;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows an execution as it goes on. A broken connection is opened again, after what was seen, for half a minute. */
@Command(
        name = "watch",
        description = {
            "Shows what happens to it, and what tasks stream out, from the start on and as it comes, until it ends.",
            "With -o json each is a line of JSON."
        })
public final class WatchCommand extends ApiCommand {

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int PAUSES = 30;

    @Parameters(paramLabel = "ID", converter = IdConverter.class, description = "Its id.")
    private UUID id;

    @Option(
            names = "--until",
            paramLabel = "EVENT",
            description =
                    "Ends as soon as there is an event of this type, such as PROMISE_CREATED. Exit code 1 if it ends without one.")
    private String until;

    @Mixin
    private OutputOption output = new OutputOption();

    private final Kind kind;
    private String seen = "";
    private boolean reached;

    public WatchCommand(Invocation around, Kind kind) {
        super(around);
        this.kind = kind;
    }

    @Override
    protected int run(Api api) throws InterruptedException {
        int away = 0;
        boolean over = false;
        while (!over) {
            String before = seen;
            try {
                over = follow(api);
            } catch (StreamOverException e) {
                over = true;
            } catch (IOException | ClientException e) {
                away = seen.equals(before) ? away + 1 : 1;
                if (away > PAUSES || e instanceof ClientException known && known.exitCode() != ExitCode.UNREACHABLE) {
                    throw e instanceof ClientException known
                            ? known
                            : new ClientException(
                                    ExitCode.UNREACHABLE,
                                    "expected to watch " + id + " to its end, but the connection breaks: "
                                            + e.getMessage());
                }
                Thread.sleep(PAUSE);
            }
        }
        if (until == null || reached) {
            return ExitCode.DONE;
        }
        note("expected the event " + until + ", but " + kind.word() + " " + id + " ended without it");
        return ExitCode.FAILED;
    }

    /** @return whether there is nothing more to show */
    private boolean follow(Api api) throws IOException, StreamOverException {
        try (SentEvents events = api.stream(path(), seen)) {
            for (Optional<Event> next = events.next(); next.isPresent(); next = events.next()) {
                seen = next.get().id();
                show(next.get());
                // The reader may have gone.
                if (reached || out().checkError()) {
                    return true;
                }
            }
            return true;
        }
    }

    /** The server knows which types of events there are. */
    private String path() {
        return kind.path(id) + "/stream" + (until == null ? "" : "?until=" + Api.encoded(until));
    }

    private void show(Event event) {
        Object data = JsonCodec.parse(event.data());
        JsonObject happening = JsonObject.of(data).object("event");
        boolean happened = JsonObject.of(data).text("type").equals("Event");
        switch (output.format()) {
            case JSON, YAML -> {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("id", event.id());
                line.put("name", event.name());
                line.put("data", data);
                out().println(JsonCodec.compact(line));
            }
            case ID -> out().println(event.id());
            case TABLE, WIDE ->
                out().println(
                                happened
                                        ? EventLine.happening(happening, around().screen(), around().zone())
                                        : EventLine.said(event.name(), data, around().screen()));
        }
        reached = happened && happening.text("eventType").equals(until);
    }
}
