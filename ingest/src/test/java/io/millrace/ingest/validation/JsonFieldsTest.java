package io.millrace.ingest.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {

    @Test
    void cutsValuesOutByteForByte() {
        JsonFields fields = parse("""
                { "n" : 1.50e+3 , "s":"a\\"b é", "o" : {"x" : [1, {"y":"}"}] }, "a":[ ], "t":true,"z" :null, "big":12345678901234567890123 }
                """);

        assertEquals("1.50e+3", raw(fields, "n"));
        assertEquals("\"a\\\"b é\"", raw(fields, "s"));
        assertEquals("{\"x\" : [1, {\"y\":\"}\"}] }", raw(fields, "o"));
        assertEquals("[ ]", raw(fields, "a"));
        assertEquals("true", raw(fields, "t"));
        assertEquals("null", raw(fields, "z"));
        assertEquals("12345678901234567890123", raw(fields, "big"));
        assertEquals("a\"b é", fields.text("s").orElseThrow());
        assertTrue(fields.text("z").isEmpty());
        assertTrue(fields.raw("absent").isEmpty());
        assertTrue(fields.payload("absent").isEmpty());
    }

    @Test
    void readsNumbersAndMaps() {
        JsonFields fields = parse("{\"n\":42,\"m\":{\"a\":\"1\",\"b\":\"2\"},\"big\":9999999999}");

        assertEquals(42, fields.smallInteger("n").orElseThrow());
        assertEquals(9_999_999_999L, fields.integer("big").orElseThrow());
        assertEquals(Map.of("a", "1", "b", "2"), fields.texts("m"));
        assertEquals(Map.of(), fields.texts("absent"));
        refused("big", () -> fields.smallInteger("big"));
        refused("n", () -> fields.text("n"));
        refused("m", () -> fields.integer("m"));
        refused("n", () -> fields.texts("n"));
        refused("m.a", () -> parse("{\"m\":{\"a\":1}}").texts("m"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "", "{\"a\":1} 2", "{\"a\":1", "{\"a\":1,\"a\":2}", "{\"a\":}", "{\"a\":nul}"})
    void refusesAllElse(String text) {
        assertThrows(RefusedException.class, () -> parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "2.0, 2",
        "-2e3, -2000",
        "150e-1, 15",
        "0e999999999, 0",
        "9223372036854775807, 9223372036854775807",
        "-9.223372036854775808e18, -9223372036854775808"
    })
    void aWholeNumberMayBeWrittenInAnyWayOfJson(String text, long number) {
        assertEquals(number, parse("{\"n\":" + text + "}").integer("n").orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "1.5, fraction",
        "1e-400000000, fraction",
        "9223372036854775808, larger",
        "1e400000000, larger",
        "1e99999999999, larger",
        "true, none",
        "'\"7\"', none"
    })
    void whatIsNoWholeNumberOf64BitsIsRefusedAtOnce(String text, String why) {
        refused(why, () -> parse("{\"n\":" + text + "}").integer("n"));
        refused(" as n", () -> parse("{\"n\":" + text + "}").integer("n"));
    }

    @Test
    void aTextWithHalfACharacterIsRefusedInARequestAndReadFromTheLog() {
        ByteString text = ByteString.copyFromUtf8("{\"k\":\"a\\ud83d\",\"m\":{\"n\":\"\\udc00\"}}");

        refused(
                "expected whole characters in k",
                () -> JsonFields.ofRequest(text).text("k"));
        refused(
                "expected whole characters in m.n",
                () -> JsonFields.ofRequest(text).texts("m"));
        assertEquals("a\ud83d", JsonFields.parse(text).text("k").orElseThrow());
    }

    /** Texts without escapes and short numbers are read without a parser of their own. */
    @Test
    void readsPlainValuesAsAnyOther() {
        JsonFields fields = parse("{\"e\":\"\",\"p\":\"a é €\",\"q\":\"\\u0061\\\\\",\"z\":0,\"m\":-7,"
                + "\"l\":999999999999999999,\"x\":9223372036854775807,\"y\":9223372036854775808}");

        assertEquals("", fields.text("e").orElseThrow());
        assertEquals("a é €", fields.text("p").orElseThrow());
        assertEquals("a\\", fields.text("q").orElseThrow());
        assertEquals(0, fields.integer("z").orElseThrow());
        assertEquals(-7, fields.integer("m").orElseThrow());
        assertEquals(999_999_999_999_999_999L, fields.integer("l").orElseThrow());
        assertEquals(Long.MAX_VALUE, fields.integer("x").orElseThrow());
        refused("y", () -> fields.integer("y"));
        refused("e", () -> fields.integer("e"));
        refused("z", () -> fields.text("z"));
        refused("z", () -> fields.flag("z"));
        assertThrows(
                RefusedException.class,
                () -> JsonFields.parse(ByteString.copyFrom("{\"k\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1))));
    }

    @Test
    void refusesFieldsThatNobodyKnows() {
        refused("'b'", () -> parse("{\"a\":1,\"b\":2}").only(Set.of("a")));
    }

    @Test
    void writesValuesAsTheyCame() {
        Map<String, ByteString> fields = new LinkedHashMap<>();
        fields.put("a\"", ByteString.copyFromUtf8("1.50"));
        fields.put("b", ByteString.EMPTY);
        fields.put("c", ByteString.copyFromUtf8("\"" + "x".repeat(20_000) + "\""));

        String written = JsonFields.write(fields).toStringUtf8();

        assertEquals("{\"a\\\"\":1.50,\"b\":null,\"c\":\"" + "x".repeat(20_000) + "\"}", written);
    }

    private static void refused(String named, Runnable action) {
        RefusedException error = assertThrows(RefusedException.class, action::run);
        assertTrue(error.getMessage().contains(named), error.getMessage());
    }

    private static JsonFields parse(String text) {
        return JsonFields.parse(ByteString.copyFromUtf8(text));
    }

    private static String raw(JsonFields fields, String name) {
        return fields.raw(name).orElseThrow().toStringUtf8();
    }
}
