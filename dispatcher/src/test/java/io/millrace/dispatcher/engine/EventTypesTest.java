package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventJson;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.proto.ScheduleTiming;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of event types names every type that an engine can write, with every field, and no other. */
class EventTypesTest {

    private static final Pattern ROW = Pattern.compile("\\| `([A-Z_]+)` \\| ([^|]*) \\| [^|]+ \\|");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    /** The samples hold no objects, so every name is one of the data's own fields. */
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\":");

    @Test
    void thePageSaysWhatTheEngineWrites() throws Exception {
        assertEquals(text(written()), text(described()));
    }

    private static String text(Map<String, Set<String>> types) {
        StringBuilder text = new StringBuilder();
        types.forEach(
                (type, fields) -> text.append(type).append(' ').append(fields).append('\n'));
        return text.toString();
    }

    private static Map<String, Set<String>> described() throws IOException {
        Map<String, Set<String>> types = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("..", "docs", "reference", "events.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> fields = types.computeIfAbsent(row.group(1), type -> new TreeSet<>());
                NAME.matcher(row.group(2)).results().forEach(name -> fields.add(name.group(1)));
            }
        }
        return types;
    }

    private static Map<String, Set<String>> written() throws Exception {
        Map<String, Set<String>> types = new TreeMap<>();
        for (Event event : events()) {
            Set<String> fields = types.computeIfAbsent(EventJson.type(event), type -> new TreeSet<>());
            FIELD.matcher(new String(EventJson.data(event, Rules.VERSION), StandardCharsets.UTF_8))
                    .results()
                    .forEach(field -> fields.add(field.group(1)));
        }
        return types;
    }

    private static List<Event> events() throws Exception {
        List<Event> events = new ArrayList<>();
        List<Class<?>> kinds = new ArrayList<>(List.of(Event.class.getPermittedSubclasses()));
        kinds.remove(Event.OfSchedule.class);
        kinds.addAll(List.of(Event.OfSchedule.class.getPermittedSubclasses()));
        for (Class<?> kind : kinds) {
            if (kind == Event.HistoryAppended.class) {
                for (Class<?> entry : HistoryEntry.class.getPermittedSubclasses()) {
                    for (Object each : samples(entry)) {
                        events.add(new Event.HistoryAppended(id(), id(), 1, (HistoryEntry) each));
                    }
                }
            } else {
                samples(kind).forEach(each -> events.add((Event) each));
            }
        }
        // Of the lease of a workflow, where others have a task.
        events.add(new Event.LeaseMoved(id(), null, 1, 1, "r"));
        return events;
    }

    /** @return instances with something in every place; with each value where one place is an enumeration */
    private static List<Object> samples(Class<?> record) throws Exception {
        RecordComponent[] parts = record.getRecordComponents();
        Object[] several = Arrays.stream(parts)
                .map(RecordComponent::getType)
                .filter(Class::isEnum)
                .findFirst()
                .<Object[]>map(Class::getEnumConstants)
                .orElse(new Object[1]);
        Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        List<Object> samples = new ArrayList<>();
        for (Object one : several) {
            Object[] values = Arrays.stream(types)
                    .map(type -> type == several.getClass().getComponentType() ? one : value(type))
                    .toArray();
            samples.add(record.getDeclaredConstructor(types).newInstance(values));
        }
        return samples;
    }

    private static Object value(Class<?> type) {
        if (type == UUID.class) {
            return id();
        }
        if (type == String.class) {
            return "text";
        }
        if (type == Payload.class) {
            return Payload.of("1");
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type == List.class) {
            return List.of();
        }
        if (type == ScheduleDefinition.Origin.class) {
            return new ScheduleDefinition.Origin("text", id(), id(), 1, true);
        }
        if (type == ScheduleDefinition.class) {
            return new ScheduleDefinition(
                    "text",
                    id(),
                    new ScheduleTiming(ScheduleTiming.Form.CRON, "text", 1, 1, "text", 1, 1, 1, 1),
                    new ScheduleDefinition.Start("text", Payload.of("1"), Map.of(), "text", 1, "text", "text", 1),
                    ScheduleDefinition.Overlap.SKIP,
                    ScheduleDefinition.Missed.SKIP,
                    1,
                    1);
        }
        if (type == WorkSubject.class) {
            return new WorkSubject(WorkSubject.Type.QUEUE, "text");
        }
        if (type == SavedQuery.class) {
            return new SavedQuery("text", "text", "text", "text", "text");
        }
        if (type == BulkJob.class) {
            UUID id = new UUID(1, 2);
            return new BulkJob(
                    id,
                    new BulkJob.Definition("text", "text", 1, 1, 1, "text", "text", "text", "text", 1, Map.of()),
                    BulkJob.Status.RUNNING,
                    "text",
                    "text",
                    new BulkJob.Claim("text", 1, 1),
                    new BulkJob.Progress(1, id, 1, 1, 1),
                    1);
        }
        if (type == WorkPolicy.class) {
            return new WorkPolicy(
                    1,
                    new WorkPolicy.Pause(1, "text", "text", 1),
                    new WorkPolicy.Limit(1, 1, 1, "text", 1, 1, 1, "text", "text"));
        }
        if (type == QueuePlaces.class) {
            return new QueuePlaces(1, 1, 1, 1, 1, 1, 1);
        }
        if (type == Holder.class) {
            return new Holder(new Asker("text", "text", "text"), Holder.Binding.PRINCIPAL);
        }
        if (type == PlaceLine.class) {
            return new PlaceLine(1, 1, 1);
        }
        if (type == Map.class) {
            return Map.of();
        }
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == double.class) {
            return 0.5;
        }
        if (type == boolean.class) {
            return true;
        }
        throw new AssertionError("expected a type that events are known to have, but got " + type);
    }

    private static UUID id() {
        return new UUID(1, 2);
    }
}
