package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.StateMachines;
import io.millrace.dispatcher.engine.state.StateMachines.ChildState;
import io.millrace.dispatcher.engine.state.StateMachines.PromiseState;
import io.millrace.dispatcher.engine.state.Transitions;
import io.millrace.dispatcher.engine.state.Transitions.Transition;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The tables that appliers go by are what the recorded stories and random logs go through, line by line, and are drawn in
 * docs/state-machines.md. {@code -Ddocs.write} draws them anew.
 */
class StateMachinesTest {

    private static final Pattern ID_OF_PROMISE = Pattern.compile("\"promiseId\":\"([^\"]+)\"");
    private static final Pattern ID_OF_CHILD = Pattern.compile("\"childExecutionId\":\"([^\"]+)\"");

    private static final Set<Transition<Status>> WORKFLOWS = new HashSet<>();
    private static final Set<Transition<Status>> TASKS = new HashSet<>();
    private static final Set<Transition<PromiseState>> PROMISES = new HashSet<>();
    private static final Set<Transition<ChildState>> CHILDREN = new HashSet<>();

    @BeforeAll
    static void goThroughTheGoldenLogs() throws IOException {
        for (int rules = Rules.OLDEST; rules <= Rules.VERSION; rules++) {
            for (String file : List.of("stories", "random")) {
                try (InputStream in =
                        StateMachinesTest.class.getResourceAsStream("/golden/rules-" + rules + "/" + file + ".gz")) {
                    for (GoldenLog log : GoldenLog.read(in)) {
                        goThrough(log);
                    }
                }
            }
        }
    }

    private static void goThrough(GoldenLog log) throws IOException {
        Map<String, Status> stands = new HashMap<>();
        Map<String, PromiseState> promises = new HashMap<>();
        Map<String, ChildState> children = new HashMap<>();
        for (GoldenLog.Step step : log.steps()) {
            for (EventRecord event : OutcomeRecord.parseFrom(step.outcome()).getEventsList()) {
                String of = hex(event.getExecutionId());
                if (event.getType().equals("EXECUTION_EVICTED")) {
                    // It may come back under its id, and is another one then.
                    stands.keySet().removeIf(subject -> subject.startsWith(of));
                    promises.keySet().removeIf(subject -> subject.startsWith(of));
                    children.keySet().removeIf(subject -> subject.startsWith(of));
                }
                if (!event.getTaskId().isEmpty()) {
                    moved(StateMachines.TASK, TASKS, event, of + hex(event.getTaskId()), stands);
                } else if (!event.getExecutionId().isEmpty()) {
                    moved(StateMachines.WORKFLOW, WORKFLOWS, event, of, stands);
                }
                String data = event.getData().toStringUtf8();
                settled(
                        StateMachines.PROMISE,
                        PROMISES,
                        event,
                        of + found(ID_OF_PROMISE, data),
                        promises,
                        PromiseState.SETTLED);
                settled(
                        StateMachines.CHILD,
                        CHILDREN,
                        event,
                        of + found(ID_OF_CHILD, data),
                        children,
                        ChildState.CLOSED);
            }
        }
    }

    private static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray()) + " ";
    }

    private static String found(Pattern pattern, String data) {
        Matcher matcher = pattern.matcher(data);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** What has ended is told of its end a second time: to clients, or to its workflow. */
    private static void moved(
            Transitions<Status> machine,
            Set<Transition<Status>> visited,
            EventRecord event,
            String subject,
            Map<String, Status> stands) {
        Status before = stands.get(subject);
        Status after = Status.values()[event.getStatusValue() - 1];
        boolean toldAgain = before != null && before.terminal() && before == after;
        if (machine.events().contains(event.getType()) && !toldAgain) {
            visited.add(new Transition<>(before, event.getType(), after));
            stands.put(subject, after);
        }
    }

    private static <S extends Enum<S>> void settled(
            Transitions<S> machine,
            Set<Transition<S>> visited,
            EventRecord event,
            String subject,
            Map<String, S> stands,
            S end) {
        if (machine.events().contains(event.getType())) {
            S before = stands.get(subject);
            S after = before == null ? machine.all().getFirst().to() : end;
            visited.add(new Transition<>(before, event.getType(), after));
            stands.put(subject, after);
        }
    }

    @Test
    void eachLineOfTheTablesIsGoneThroughAndNoOther() {
        assertEquals(lines(StateMachines.WORKFLOW.all()), lines(WORKFLOWS));
        assertEquals(lines(StateMachines.TASK.all()), lines(TASKS));
        assertEquals(lines(StateMachines.PROMISE.all()), lines(PROMISES));
        assertEquals(lines(StateMachines.CHILD.all()), lines(CHILDREN));
    }

    private static <S> String lines(Iterable<Transition<S>> transitions) {
        Set<String> lines = new TreeSet<>();
        transitions.forEach(each -> lines.add(each.from() + " " + each.event() + " " + each.to()));
        return String.join("\n", lines);
    }

    @Test
    void theTablesAreDrawnInTheDocuments() throws IOException {
        Path page = root().resolve("docs/state-machines.md");
        String text = Files.readString(page);
        String drawn = text;
        for (Transitions<?> machine :
                List.of(StateMachines.WORKFLOW, StateMachines.TASK, StateMachines.PROMISE, StateMachines.CHILD)) {
            drawn = drawn(drawn, machine.name(), machine.mermaid());
        }
        drawn = drawn(drawn, "tenure", tenures());
        if (System.getProperty("docs.write") != null) {
            Files.writeString(page, drawn);
        }
        assertEquals(drawn, text, "the picture is that of the table; -Ddocs.write draws it anew");
    }

    private static String tenures() {
        StringBuilder picture = new StringBuilder("stateDiagram-v2\n    [*] --> OPENING\n");
        for (TenureState from : TenureState.values()) {
            from.next().forEach(to -> picture.append("    " + from + " --> " + to + "\n"));
        }
        return picture.toString();
    }

    private static String drawn(String text, String name, String picture) {
        Pattern place = Pattern.compile("(<!-- drawn: " + name + " -->\n```mermaid\n)[^`]*(```\n)");
        Matcher found = place.matcher(text);
        return found.find()
                ? text.substring(0, found.end(1)) + picture + text.substring(found.start(2))
                : fail("expected a place for the picture of " + name + ", but there is none");
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/reference"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
