package io.millrace.infra.client.print;

import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonNumber;
import io.millrace.infra.client.json.JsonObject;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lines for what happens to an execution while somebody watches. On a terminal each fits on one line. */
public final class EventLine {

    private static final int BAR = 20;
    private static final String NO_TIME = " ".repeat(12);

    private EventLine() {}

    /** @return an event of an execution: its time, its type and the rest of it */
    public static String happening(JsonObject event, Screen screen, ZoneId zone) {
        Map<String, Object> rest = new LinkedHashMap<>(event.fields());
        rest.keySet().removeAll(Set.of("sequence", "eventType", "timestamp"));
        Object data = rest.size() == 1 && rest.containsKey("data") ? rest.get("data") : rest;
        return line(
                Times.clock(event.time("timestamp"), zone),
                Cell.of(event.text("eventType")).as(look(event.text("eventType"))),
                JsonCodec.compact(data),
                screen);
    }

    /** @return what a task said: progress as a bar, a gap in words, everything else as it is */
    public static String said(String name, @Nullable Object data, Screen screen) {
        JsonObject said = JsonObject.of(data);
        if (said.text("type").equals("Gap")) {
            return line(
                    NO_TIME,
                    new Cell("gap", Cell.Look.ODD),
                    "what was streamed out before is not kept any more",
                    screen);
        }
        if (said.value("progress") instanceof JsonNumber number) {
            return line(
                    NO_TIME,
                    new Cell(name, Cell.Look.BUSY),
                    bar(Double.parseDouble(number.text())) + details(said),
                    screen);
        }
        return line(NO_TIME, new Cell(name, Cell.Look.BUSY), JsonCodec.compact(data), screen);
    }

    private static String details(JsonObject said) {
        String details = said.text("details");
        return details.isEmpty() ? "" : " " + Width.harmless(details);
    }

    private static String bar(double part) {
        int full = (int) Math.round(Math.clamp(part, 0, 1) * BAR);
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "] " + Math.round(part * 100) + " %";
    }

    private static String line(String time, Cell type, String text, Screen screen) {
        String shown = Width.harmless(text);
        int used = Width.of(time) + 2 + Width.of(type.text()) + 2;
        if (screen.columns() > used) {
            shown = Width.cut(shown, screen.columns() - used);
        }
        return (new Cell(time, Cell.Look.DIM).on(screen) + "  " + type.on(screen) + "  " + shown).stripTrailing();
    }

    private static Cell.Look look(String type) {
        if (type.endsWith("_FAILED")) {
            return Cell.Look.BAD;
        }
        if (type.endsWith("_CANCELLED")) {
            return Cell.Look.ODD;
        }
        return type.endsWith("_COMPLETED") ? Cell.Look.GOOD : Cell.Look.PLAIN;
    }
}
