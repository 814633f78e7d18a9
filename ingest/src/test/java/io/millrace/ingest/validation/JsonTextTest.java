package io.millrace.ingest.validation;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null", "true", " 1 ", "-0.5e10", "\"\"", "\"a\\u00e9é\"", "[]", "{}", "[1,[2,{\"a\":[]}]]\n",
                "123456789012345678901234567890.123456789", "{\"a\":{\"b\":null}}"
            })
    void takesOneValue(String text) {
        assertTrue(JsonText.isOneValue(ByteString.copyFromUtf8(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "nul", "nulll", "1 2", "{} {}", "[1,]", "{\"a\"}", "{a:1}", "[", "\"a", "{\"a\":1", "01", "NaN",
                "'a'", "// c\n1", "\"\n\"", "1,", "[]]", "\ufeff1"
            })
    void refusesAllElse(String text) {
        assertFalse(JsonText.isOneValue(ByteString.copyFromUtf8(text)));
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertFalse(JsonText.isOneValue(ByteString.copyFrom("\"é\"".getBytes(StandardCharsets.ISO_8859_1))));
        assertFalse(JsonText.isOneValue(ByteString.copyFrom("{\"a\":1}".getBytes(StandardCharsets.UTF_16))));
        assertFalse(JsonText.isOneValue(ByteString.copyFrom("[1]".getBytes(StandardCharsets.UTF_16BE))));
    }

    @Test
    void refusesNestingThatWouldOverflowReaders() {
        assertFalse(JsonText.isOneValue(ByteString.copyFromUtf8("[".repeat(5_000) + "]".repeat(5_000))));
    }

    @Test
    void readsTextsInSeveralPieces() {
        ByteString inPieces = ByteString.copyFromUtf8("[\"" + "a".repeat(300))
                .concat(ByteString.copyFromUtf8("b".repeat(300) + "\"]"));

        assertTrue(JsonText.isOneValue(inPieces));
        assertTrue(JsonText.isOneValue(inPieces.substring(1, inPieces.size() - 1)));
        assertFalse(JsonText.isOneValue(inPieces.substring(1)));
    }
}
