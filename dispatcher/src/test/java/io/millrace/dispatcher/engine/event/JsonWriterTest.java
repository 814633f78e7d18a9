package io.millrace.dispatcher.engine.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes enter hashes, so that none may ever differ; and what was written is read back as it was. */
class JsonWriterTest {

    @Test
    void writesPlainTextsAsTheyAreAndEscapesWhatHasToBe() {
        byte[] json = new JsonWriter()
                .text("plain", "a b")
                .text("quoted", "say \"a\\b\"\n\u001f")
                .text("none", null)
                .optional("left out", "")
                .number("number", Long.MIN_VALUE)
                .numbers("numbers", List.of(1L, -2L))
                .bool("bool", true)
                .decimal("decimal", Double.NaN)
                .texts("texts", Map.of("ä", "€"))
                .finish();

        assertEquals(
                "{\"plain\":\"a b\",\"quoted\":\"say \\\"a\\\\b\\\"\\u000a\\u001f\",\"none\":null,"
                        + "\"number\":-9223372036854775808,\"numbers\":[1,-2],\"bool\":true,\"decimal\":null,"
                        + "\"texts\":{\"ä\":\"€\"}}",
                new String(json, StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "\"",
                "\\",
                "ends with \\",
                "tab\tand\u0000",
                "\u007f",
                "\u0080",
                "grüße",
                "日本",
                "😀"
            })
    void textsComeBackAsTheyWere(String text) {
        String longText = text.repeat(300);
        JsonReader json = new JsonReader(new JsonWriter()
                .text("short", text)
                .text("long", longText)
                .texts("map", Map.of(text, longText))
                .finish());

        assertEquals(text, json.text("short"));
        assertEquals(longText, json.text("long"));
        assertEquals(Map.of(text, longText), json.texts("map"));
    }

    @ParameterizedTest
    @ValueSource(
            longs = {0, -1, 7, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE})
    void numbersComeBackAsTheyWere(long number) {
        JsonReader json = new JsonReader(new JsonWriter().number("n", number).finish());

        assertEquals(number, json.number("n"));
        assertEquals(7, json.number("there is none", 7));
    }
}
