package io.millrace.ingest.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {

    private final Checks checks = new Checks(Limits.defaults());
    private final Caller caller = new Caller(new UUID(1, 2), "alpha", Principal.getDefaultInstance(), "127.0.0.1:1");

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "1-2-3-4-5", "11111111-1111-4111-8111-11111111111g", "11111111111141118111111111111111"
            })
    void refusesIdsThatAreNoUuids(String id) {
        RefusedException error = refused(RefusalReason.INVALID_ARGUMENT, () -> checks.id("promise_id", id));
        assertTrue(error.getMessage().contains("promise_id"), error.getMessage());
    }

    @Test
    void refusesAnotherOrganisation() {
        checks.org(caller, new UUID(1, 2).toString());
        refused(RefusalReason.PERMISSION_DENIED, () -> {
            checks.org(caller, new UUID(1, 3).toString());
            return null;
        });
        refused(RefusalReason.INVALID_ARGUMENT, () -> {
            checks.org(caller, "");
            return null;
        });
    }

    @Test
    void boundsNames() {
        assertEquals("a b", checks.name("kind", "a b"));
        assertEquals("default", checks.queue(""));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.name("kind", ""));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.queue("q".repeat(256)));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.queue("a\nb"));
    }

    @Test
    void boundsPayloads() {
        ByteString largest = ByteString.copyFromUtf8("\"" + "a".repeat((1 << 20) - 2) + "\"");
        assertEquals(largest, checks.json("input", largest));
        assertEquals(ByteString.EMPTY, checks.json("input", ByteString.EMPTY));
        refused(
                RefusalReason.RESOURCE_EXHAUSTED,
                () -> checks.json("input", largest.concat(ByteString.copyFromUtf8(" "))));
        RefusedException error = refused(
                RefusalReason.INVALID_ARGUMENT, () -> checks.json("input", ByteString.copyFromUtf8("top secret")));
        assertFalse(error.getMessage().contains("secret"), error.getMessage());
    }

    @Test
    void boundsTexts() {
        assertEquals("é", checks.text("error", "é"));
        refused(RefusalReason.RESOURCE_EXHAUSTED, () -> checks.text("error", "é".repeat(1 << 19) + "a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\t\r\n",
                "\u0000",
                "\u00a0",
                "\u2003",
                "\u200b",
                "\u3000 \u2028",
                "\ufeff",
                "\u202e\u0007"
            })
    void takesNothingThatNobodySeesForAReason(String text) {
        Checks strict = new Checks(Limits.defaults(), true);

        RefusedException error =
                refused(RefusalReason.INVALID_ARGUMENT, () -> checks.neededReason(text, "since it is for ever"));
        assertEquals("expected a reason, since it is for ever, but there is none", error.getMessage());
        refused(RefusalReason.INVALID_ARGUMENT, () -> strict.reason(text));
        assertEquals(text, checks.reason(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", ".", " 7 ", "\u00e9", "\u7406\u7531", "\u200f\u05e2", "\ud83d\ude00"})
    void takesWhateverIsSeenForAReason(String text) {
        assertEquals(text, checks.neededReason(text, "since it is for ever"));
        assertEquals(text, new Checks(Limits.defaults(), true).reason(text));
    }

    @Test
    void boundsReasons() {
        refused(RefusalReason.RESOURCE_EXHAUSTED, () -> checks.reason("r".repeat(1 << 20)));
        refused(RefusalReason.RESOURCE_EXHAUSTED, () -> checks.neededReason("r".repeat(1 << 20), "since it is so"));
    }

    @Test
    void boundsMetadata() {
        assertEquals(Map.of("a", "1"), checks.metadata(Map.of("a", "1")));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.metadata(Map.of("", "1")));
        refused(RefusalReason.RESOURCE_EXHAUSTED, () -> checks.metadata(Map.of("a", "1".repeat(64 << 10))));
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i <= 100; i++) {
            many.put("k" + i, "");
        }
        refused(RefusalReason.RESOURCE_EXHAUSTED, () -> checks.metadata(many));
    }

    @Test
    void boundsTheLifeOfKeys() {
        assertEquals(86_400_000, checks.keyTtlMs(false, 0));
        assertEquals(1_000, checks.keyTtlMs(true, 1));
        assertEquals(2_592_000_000L, checks.keyTtlMs(true, 2_592_000));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.keyTtlMs(true, 0));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.keyTtlMs(true, -1));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.keyTtlMs(true, 2_592_001));
    }

    @Test
    void boundsDurations() {
        assertEquals(0, checks.durationMs("timeout_ms", 0));
        assertEquals(-5, checks.notTooLong("duration_ms", -5));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.durationMs("timeout_ms", -1));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.durationMs("timeout_ms", Long.MAX_VALUE));
        refused(RefusalReason.INVALID_ARGUMENT, () -> checks.upTo("max_retries", 101, 100));
    }

    @Test
    void showsLittleOfWhatItRefuses() {
        String shown = Checks.shown("a\u0007" + "b".repeat(5_000));

        assertTrue(shown.length() < 100, shown);
        assertTrue(shown.startsWith("'a?b"), shown);
    }

    private static RefusedException refused(RefusalReason reason, Supplier<?> action) {
        RefusedException error = assertThrows(RefusedException.class, action::get);
        assertEquals(reason, error.reason());
        assertTrue(error.getMessage().startsWith("expected "), error.getMessage());
        assertTrue(error.getMessage().contains(", but "), error.getMessage());
        return error;
    }
}
