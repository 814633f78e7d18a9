package io.millrace.ingest.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is scanned is what a parser reads, to the byte. */
class FieldScanTest {

    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\"kind\"",
        "\"queue\"",
        "\"a\"",
        "\"\"",
        "\"é€😀\"",
        "\"\\n\\\"\\u00e9\\ud800\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"",
        "\\",
        "0",
        "-7",
        "12",
        "01",
        "1.5",
        "1e3",
        "-",
        "true",
        "false",
        "null",
        "nul",
        "\u0001"
    };

    @Test
    void eventsAreScanned() {
        String event =
                "{\"kind\":\"k\",\"queue\":\"q\",\"input\":{ \"n\": [1, -2, {\"x\":\"\\u00e9\\\"\"}, true, null] },\"prioritySeconds\":0,"
                        + "\"metadata\":{},\"own\":\"é\"}";

        Map<String, ByteString> fields = scanned(utf8(event));

        assertNotNull(fields);
        assertEquals(
                List.of("kind", "queue", "input", "prioritySeconds", "metadata", "own"),
                new ArrayList<>(fields.keySet()));
        assertEquals(JsonFields.parsed(utf8(event)), fields);
        assertEquals(Map.of(), scanned(utf8(" { } ")));
        assertEquals(fields, scanned(utf8("[" + event).substring(1)), "a slice of what came off the wire");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}{}",
                "{\"a\":{\"b\\n\":1}}",
                "[]",
                "{\"a\":1.5}",
                "{\"a\":1,\"a\":2}",
                "{\"a\":01}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\\n\":1}",
                "{\"é\":1}",
                "{\"a\":[1 2]}",
                "{\"a\":{\"b\"}}",
                "{\"a\":\"\u0001\"}",
                "{a:1}",
                "{\"a\":tru}",
                "{\"a\":\"\\u12g4\"}"
            })
    void allElseIsLeftToAParser(String text) {
        assertNull(scanned(utf8(text)));
    }

    @Test
    void deepOnesAreLeftToAParser() {
        String deep = "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
        assertNull(scanned(utf8(deep)));
        assertEquals(1, JsonFields.parsed(utf8(deep)).size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[]", " 7 ", "\"x\"", "true", "null", "{\"a\":{\"b\":[1,{\"é\":-2}]}}", "{\"a\":1,\"a\":2}"
            })
    void plainPayloadsAreSeenWithoutAParser(String text) {
        assertTrue(JsonText.isPlain(utf8(text)));
        assertEquals(Optional.empty(), JsonText.parsedFault("input", utf8(text)));
    }

    @Test
    void payloadsAtTheLimitsAreLeftToAParser() {
        for (String text : List.of(
                "",
                "1 2",
                "{}{}",
                "{\"a\":{\"b\\n\":1}}",
                "1.5",
                "[1,]",
                "9".repeat(1_001),
                "{\"" + "n".repeat(50_001) + "\":1}",
                "[".repeat(70) + "]".repeat(70))) {
            assertFalse(JsonText.isPlain(utf8(text)), text);
        }
    }

    /** Half of them are good JSON with a few bytes changed, half any sequence of pieces. */
    @Test
    void whatIsScannedIsWhatAParserReads() {
        Random random = new Random(20);
        int scanned = 0;
        int plain = 0;
        for (int i = 0; i < 60_000; i++) {
            ByteString text = i % 2 == 0 ? changed(object(random, 3), random) : pieces(random);
            Map<String, ByteString> fields = scanned(text);
            if (fields != null) {
                scanned++;
                assertEquals(JsonFields.parsed(text), fields, text::toStringUtf8);
            }
            if (text.isValidUtf8() && JsonText.isPlain(text)) {
                plain++;
                assertEquals(Optional.empty(), JsonText.parsedFault("input", text), text::toStringUtf8);
            }
        }
        assertTrue(scanned > 5_000, "only " + scanned + " were scanned");
        assertTrue(plain > 5_000, "only " + plain + " were seen to be payloads");
    }

    private static ByteString pieces(Random random) {
        StringBuilder text = new StringBuilder("{");
        for (int i = random.nextInt(8); i >= 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return utf8(text + "}");
    }

    private static ByteString changed(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte b : bytes) {
            switch (random.nextInt(120)) {
                case 0 -> out.write(random.nextInt(256));
                case 1 -> {} // left out
                default -> out.write(b);
            }
        }
        return ByteString.copyFrom(out.toByteArray());
    }

    private static String object(Random random, int levels) {
        String[] escapes =
                levels < 3 && random.nextInt(10) == 0 ? new String[] {"", "\\n", "\\ud800"} : new String[] {""};
        StringBuilder text = new StringBuilder("{");
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(blank(random))
                    .append("\"f")
                    .append(i)
                    .append(escapes[random.nextInt(escapes.length)])
                    .append("\"")
                    .append(blank(random))
                    .append(":");
            text.append(blank(random))
                    .append(value(random, levels))
                    .append(blank(random))
                    .append(i == 0 ? "" : ",");
        }
        return text + "}";
    }

    private static String value(Random random, int levels) {
        return switch (random.nextInt(levels > 0 ? 8 : 6)) {
            case 0 -> String.valueOf(random.nextInt(2_000) - 1_000);
            case 1 -> "\"text é\"";
            case 2 -> "\"\\u00e9\\\\ \\\" \\n\"";
            case 3 -> "true";
            case 4 -> "null";
            case 5 -> random.nextInt(9) == 0 ? "-1.5e-3" : "\"\"";
            case 6 -> "[" + value(random, levels - 1) + "," + blank(random) + value(random, levels - 1) + "]";
            default -> object(random, levels - 1);
        };
    }

    private static String blank(Random random) {
        return random.nextInt(6) == 0 ? " \n" : "";
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static Map<String, ByteString> scanned(ByteString text) {
        return JsonText.fields(text);
    }
}
