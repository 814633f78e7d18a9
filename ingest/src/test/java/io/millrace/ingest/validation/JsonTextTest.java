package io.millrace.ingest.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.UTF8StreamJsonParser;
import com.fasterxml.jackson.core.sym.ByteQuadsCanonicalizer;
import com.google.protobuf.ByteString;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                " 1 ",
                "-0.5e10",
                "\"\"",
                "\"a\\u00e9é\"",
                "[]",
                "{}",
                "[1,[2,{\"a\":[]}]]\n",
                "123456789012345678901234567890.123456789",
                "{\"a\":{\"b\":null}}"
            })
    void takesOneValue(String text) {
        assertEquals(Optional.empty(), fault(ByteString.copyFromUtf8(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "nulll",
                "1 2",
                "{} {}",
                "[1,]",
                "{\"a\"}",
                "{a:1}",
                "[",
                "\"a",
                "{\"a\":1",
                "01",
                "NaN",
                "'a'",
                "// c\n1",
                "\"\n\"",
                "1,",
                "[]]",
                "\ufeff1"
            })
    void refusesAllElse(String text) {
        assertNotEquals(Optional.empty(), fault(ByteString.copyFromUtf8(text)));
    }

    @Test
    void namesOfFieldsAreForgottenWithTheirText() throws Exception {
        int before = knownNames();
        for (int i = 0; i < 300; i++) {
            fault(ByteString.copyFromUtf8("{\"" + "n".repeat(1_000) + i + "\":1}"));
        }

        assertEquals(before, knownNames());
        assertTrue(before > 0 && before < 100, "names that the parsers have from the start: " + before);
    }

    private static int knownNames() throws Exception {
        try (JsonParser next = JsonText.parser(ByteString.copyFromUtf8("{}"))) {
            Field names = UTF8StreamJsonParser.class.getDeclaredField("_symbols");
            names.setAccessible(true);
            return ((ByteQuadsCanonicalizer) names.get(next)).size();
        }
    }

    /** Some names are known from the start, and begin as others do. */
    @Test
    void readsNamesWhetherTheyAreKnownOrNot() throws Exception {
        List<String> names =
                List.of("kind", "kinds", "kin", "input", "n", "é", "workflowVersion", "workflowVersions", "");
        String text = names.stream().map(name -> "\"" + name + "\":1").collect(Collectors.joining(",", "{", "}"));
        for (int round = 0; round < 3; round++) {
            List<String> read = new ArrayList<>();
            try (JsonParser parser = JsonText.parser(ByteString.copyFromUtf8(text))) {
                for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                    if (token == JsonToken.FIELD_NAME) {
                        read.add(parser.currentName());
                    }
                }
            }
            assertEquals(names, read);
        }
    }

    @Test
    void refusesWhatIsNotUtf8() {
        assertNotEquals(Optional.empty(), fault(ByteString.copyFrom("\"é\"".getBytes(StandardCharsets.ISO_8859_1))));
        assertNotEquals(Optional.empty(), fault(ByteString.copyFrom("{\"a\":1}".getBytes(StandardCharsets.UTF_16))));
        assertNotEquals(Optional.empty(), fault(ByteString.copyFrom("[1]".getBytes(StandardCharsets.UTF_16BE))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"c0af", "e08080", "eda080", "edbfbf", "f4908080", "f5808080", "80", "c3", "f09f98", "fe", "ff"})
    void refusesBytesThatAreNoUtf8(String hex) {
        ByteString bytes = ByteString.copyFrom(HexFormat.of().parseHex("7b2261223a22" + hex + "227d"));

        assertEquals(
                Optional.of(
                        "expected one JSON value in UTF-8 as input, but the " + bytes.size() + " bytes are no UTF-8"),
                fault(bytes));
    }

    @Test
    void takesAThousandLevelsAndNoMore() {
        assertEquals(Optional.empty(), fault(nested(1_000)));
        assertEquals(Optional.of("expected at most 1000 levels of JSON in input, but got more"), fault(nested(1_001)));
        assertEquals(
                Optional.of("expected at most 1000 levels of JSON in input, but got more"), fault(nested(100_000)));
    }

    @Test
    void readsWhatItTookInsideOfAnEvent() {
        ByteString deep = nested(1_000);
        ByteString event = ByteString.copyFromUtf8("{\"input\":").concat(deep).concat(ByteString.copyFromUtf8("}"));

        assertEquals(deep, JsonFields.parse(event).payload("input"));
    }

    @Test
    void takesAThousandDigitsAndSaysHowManyCame() {
        for (String number :
                List.of("1".repeat(1_000), "-" + "1".repeat(1_000), "-0." + "3".repeat(990) + "e+100000000")) {
            assertEquals(Optional.empty(), fault(ByteString.copyFromUtf8("[" + number + "]")), number);
        }
        assertEquals(
                Optional.of("expected at most 1000 digits in each number of input, but got one of 1233"),
                fault(ByteString.copyFromUtf8("{\"n\":" + "7".repeat(1_233) + "}")));
        assertEquals(
                Optional.of("expected at most 1000 digits in each number of input, but got one of 1001"),
                fault(ByteString.copyFromUtf8("1." + "7".repeat(1_000))));
    }

    @Test
    void takesLongNamesOfFieldsAndSaysHowLongTheOneIsThatIsTooLong() {
        assertEquals(Optional.empty(), fault(ByteString.copyFromUtf8("{\"" + "é".repeat(50_000) + "\":1}")));
        assertEquals(
                Optional.of("expected at most 50000 characters in each name of a field of input, but got one of 60000"),
                fault(ByteString.copyFromUtf8("{\"" + "a".repeat(60_000) + "\":1}")));
    }

    @Test
    void readsTextsInSeveralPieces() {
        ByteString inPieces = ByteString.copyFromUtf8("[\"" + "a".repeat(300))
                .concat(ByteString.copyFromUtf8("b".repeat(300) + "\"]"));

        assertEquals(Optional.empty(), fault(inPieces));
        assertEquals(Optional.empty(), fault(inPieces.substring(1, inPieces.size() - 1)));
        assertNotEquals(Optional.empty(), fault(inPieces.substring(1)));
    }

    private static ByteString nested(int levels) {
        return ByteString.copyFromUtf8("[".repeat(levels) + "]".repeat(levels));
    }

    private static Optional<String> fault(ByteString text) {
        return JsonText.fault("input", text);
    }
}
