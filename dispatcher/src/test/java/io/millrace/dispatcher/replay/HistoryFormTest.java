package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.state.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The forms that others read stand in docs/reference/history.md, field by field. */
class HistoryFormTest {

    /** What is in them is the callers' own, or described elsewhere. */
    private static final Set<String> OF_OTHERS =
            Set.of("body", "claims", "data", "state", "metadata", "input", "output", "expected_commands");

    @Test
    void everyFieldIsDescribed() throws IOException {
        String page = Files.readString(page());
        Set<String> fields = new TreeSet<>();
        for (long seed = 41; seed < 49; seed++) {
            RecordedRandomLog log = new RecordedRandomLog(seed, 1_500);
            try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, 64 << 20)) {
                log.entries()
                        .forEach(entry ->
                                replay.carryOut(entry.command(), entry.outcome().verdict()));
                replay.stored();
                List<Execution> all = new ArrayList<>();
                replay.state().executions(all::add);
                for (Execution one : all) {
                    ExecutionTrace trace = ExecutionTrace.of(0, one.id(), null, log.reader(), Long.MAX_VALUE);
                    names(HistoryTree.of(trace), fields);
                    if (!one.header().standaloneTask()) {
                        names(SdkHistory.of(trace), fields);
                    }
                    names(trace.why().tree(), fields);
                }
                StateAt.Collected state = new StateAt.Collected();
                new StateAt(null, null, done -> {}).collect(0, replay, state);
                names(state.tree(), fields);
            }
        }

        assertTrue(
                fields.containsAll(
                        Set.of("lease", "timers", "promises", "children", "refusal", "wokenLast", "ready", "held")),
                fields::toString);
        assertEquals(
                List.of(),
                fields.stream()
                        .filter(field -> !page.contains("`" + field + "`"))
                        .toList());
        assertTrue(
                page.contains("version " + HistoryTree.VERSION),
                "the page says which version of the form it describes");
    }

    private static void names(Object tree, Set<String> into) {
        if (tree instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                into.add((String) name);
                if (!OF_OTHERS.contains(name)) {
                    names(value, into);
                }
            });
        } else if (tree instanceof List<?> list) {
            list.forEach(each -> names(each, into));
        }
    }

    private static Path page() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/reference"))) {
            folder = folder.getParent();
        }
        return folder.resolve("docs/reference/history.md");
    }
}
