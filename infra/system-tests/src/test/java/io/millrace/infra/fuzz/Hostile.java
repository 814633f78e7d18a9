package io.millrace.infra.fuzz;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;

/** Values that programs stumble over. */
final class Hostile {

    static final List<String> TEXTS = List.of(
            "",
            " ",
            "\u0000",
            "a\u0007b",
            "\u0085",
            "\u2028",
            "\ud83d",
            "a-\udc00",
            "😀",
            "é",
            "x".repeat(256),
            "😀".repeat(255),
            "😀".repeat(256),
            "'; DROP TABLE events; --",
            "%00%ff",
            "../../etc/passwd",
            "${jndi:ldap://x}",
            "null",
            "-1",
            "00000000-0000-0000-0000-000000000000",
            "550e8400-e29b-41d4-a716-44665544000",
            "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
            "key:",
            "key:\u0000",
            "id:no",
            "00000000-0000-0000-0000-000000000000:",
            "00000000-0000-0000-0000-000000000000/p",
            "x".repeat(20_000));

    /** Payloads, most of which are no JSON. */
    static final List<String> PAYLOADS = List.of(
            "",
            "{",
            "nul",
            "1 2",
            "\ufeff1",
            "\"\\ud83d\"",
            "1e400",
            "-0",
            "7".repeat(1_233),
            "[".repeat(1_000) + "]".repeat(1_000),
            "[".repeat(1_001) + "]".repeat(1_001),
            "[".repeat(50_000),
            "{\"a\":1,\"a\":2}",
            "\"\\u0000\"");

    static final List<Long> NUMBERS = List.of(
            0L,
            1L,
            -1L,
            100L,
            101L,
            (long) Integer.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            1L << 32,
            2_592_000L,
            2_592_001L,
            3_153_600_000_000L,
            3_153_600_000_001L,
            Long.MAX_VALUE,
            Long.MIN_VALUE);

    static final BigInteger BEYOND = BigInteger.TWO.pow(64);

    private Hostile() {}

    static <T> T any(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }
}
