package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.command.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonLineTest {

    private static Map<String, Object> state(String name) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", name);
        state.put("tasks", List.of(1, 2, 3, List.of("a", "b", "c", "d")));
        state.put("open", true);
        state.put("input", new Payload("{\"n\":1}".getBytes(StandardCharsets.UTF_8)));
        state.put("lease", null);
        return state;
    }

    @Test
    void theSameThingIsWrittenWhereverItStands() {
        Map<String, Object> state = state("one");
        String one =
                "{\"name\":\"one\",\"tasks\":[1,2,3,[\"a\",\"b\",\"c\",\"d\"]],\"open\":true,\"input\":{\"n\":1},\"lease\":null}";

        assertEquals(
                "[" + one + "," + one.replace("one", "two") + "," + one + "," + one + "," + one + "]",
                JsonTree.json(List.of(state, state("two"), state, state("one"), state)));
    }

    @Test
    void whatStandsForItselfInATextIsEscaped() {
        assertEquals("\"\"", JsonTree.json(""));
        assertEquals("\"plain, Zürich\"", JsonTree.json("plain, Zürich"));
        assertEquals("\"\\\"a\\\\b\\u000ac\\u0001\\\"\"", JsonTree.json("\"a\\b\nc\u0001\""));
    }

    @Test
    void nothingAndEmptyThingsAreWritten() {
        assertEquals("null", JsonTree.json(null));
        assertEquals("{}", JsonTree.json(Map.of()));
        assertEquals("[[],-1]", JsonTree.json(new ArrayList<>(List.of(List.of(), -1))));
    }
}
