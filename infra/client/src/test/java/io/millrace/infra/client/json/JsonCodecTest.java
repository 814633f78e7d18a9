package io.millrace.infra.client.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonCodecTest {

    @Test
    void numbersAreWrittenAsTheyWereRead() {
        String text = "{\"a\":12345678901234567890.10,\"b\":[1e400,-0],\"c\":\"\\u0001é\"}";

        assertEquals(text, JsonCodec.compact(JsonCodec.parse(text)));
    }

    @Test
    void aPieceIsWhatCameByteForByte() {
        byte[] text = "{\"output\": {\"b\" : [1, 2.50] } ,\"é\":\"è\\u0041\" , \"n\":1.0 ,\"x\":null}"
                .getBytes(StandardCharsets.UTF_8);

        assertEquals("{\"b\" : [1, 2.50] }", piece(text, "output"));
        assertEquals("\"è\\u0041\"", piece(text, "é"));
        assertEquals("1.0", piece(text, "n"));
        assertEquals("null", piece(text, "x"));
        assertEquals(Optional.empty(), JsonCodec.piece(text, "b"));
    }

    @Test
    void whatIsNoJsonIsRefusedWithItsPlace() {
        assertRefused("", "it is empty");
        assertRefused("{\"a\":\n x}", "at line 2, column 2: Unrecognized token 'x'");
        assertRefused("{\"a\":1", "at line 1, column 7: Unexpected end-of-input: expected close marker for Object");
        assertFalse(assertThrows(JsonException.class, () -> JsonCodec.parse("{"))
                .getMessage()
                .contains("Source"));
        assertRefused("1 2", "at line 1, column 3 stands more than one value");
    }

    @Test
    void aRawTextStandsInAnotherAsItIs() {
        assertEquals("{\"input\":{\"a\" : 1.0}}", JsonCodec.compact(Map.of("input", new RawJson("{\"a\" : 1.0}"))));
    }

    private static String piece(byte[] text, String field) {
        return new String(JsonCodec.piece(text, field).orElseThrow(), StandardCharsets.UTF_8);
    }

    private static void assertRefused(String text, String why) {
        String message =
                assertThrows(JsonException.class, () -> JsonCodec.parse(text)).getMessage();
        assertTrue(message.startsWith(why), message);
    }
}
