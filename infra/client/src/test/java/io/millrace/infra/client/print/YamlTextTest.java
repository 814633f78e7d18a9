package io.millrace.infra.client.print;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.client.json.JsonCodec;
import org.junit.jupiter.api.Test;

class YamlTextTest {

    @Test
    void objectsAndListsAreIndentedAndNumbersKeepTheirDigits() {
        assertEquals(
                """
                id: 0190a5f0
                kind: order
                input:
                  items:
                    - 3
                    - a: 1
                      b: []
                    -
                      - 1.50
                      - 12345678901234567890
                metadata: {}
                error: null
                broken: false
                """.replace("id: 0190a5f0", "id: \"0190a5f0\""),
                yaml(
                        "{\"id\":\"0190a5f0\",\"kind\":\"order\",\"input\":{\"items\":[3,{\"a\":1,\"b\":[]},[1.50,12345678901234567890]]},"
                                + "\"metadata\":{},\"error\":null,\"broken\":false}"));
    }

    @Test
    void textsThatAReaderCouldTakeForSomethingElseStandInQuotes() {
        assertEquals(
                """
                - "yes"
                - "NULL"
                - "1e3"
                - ""
                - " a"
                - "a: b"
                - "#a"
                - "a\\nb"
                - plain text
                - "\\u0085\\u2028"
                """,
                yaml(
                        "[\"yes\",\"NULL\",\"1e3\",\"\",\" a\",\"a: b\",\"#a\",\"a\\nb\",\"plain text\",\"\u0085\u2028\"]"));
    }

    private static String yaml(String json) {
        return YamlText.of(JsonCodec.parse(json));
    }
}
