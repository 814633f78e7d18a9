package io.millrace.dispatcher;

import io.millrace.proto.Shards;
import java.nio.charset.Charset;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Calendar;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** What the engine must not do, each way in a method of its own. Never run: only looked at. */
@SuppressWarnings({"DefaultCharset", "JavaTimeDefaultTimeZone", "StringCaseLocaleUsage"
}) // as each is a way to look outside
final class OutsideCalls {

    private OutsideCalls() {}

    static Object wallClock() {
        return System.currentTimeMillis();
    }

    static Object monotonicClock() {
        return System.nanoTime();
    }

    static Object instant() {
        return Instant.now();
    }

    static Object clock() {
        return Clock.systemUTC();
    }

    static Object date() {
        return new Date();
    }

    static Object calendar() {
        return Calendar.getInstance();
    }

    static Object idOfTimeAndChance() {
        return Shards.newId();
    }

    static Object idOfTimeAndChanceOnAShard() {
        return Shards.newId(3);
    }

    static Object randomId() {
        return UUID.randomUUID();
    }

    static Object chance() {
        return Math.random();
    }

    static Object strictChance() {
        return StrictMath.random();
    }

    static Object generator() {
        return new Random(7).nextInt();
    }

    static Object generatorOfThread() {
        return ThreadLocalRandom.current().nextInt();
    }

    static Object shuffled() {
        List<Integer> list = new java.util.ArrayList<>(List.of(1, 2));
        Collections.shuffle(list);
        return list;
    }

    static Object environment() {
        return System.getenv("HOME");
    }

    static Object property() {
        return System.getProperty("user.home");
    }

    static Object lines() {
        return System.lineSeparator();
    }

    static Object processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    static Object process() {
        return ProcessHandle.current().pid();
    }

    static Object thread() {
        return Thread.currentThread().getName();
    }

    static Object pool() {
        return Executors.newCachedThreadPool();
    }

    static Object parallelStream() {
        return List.of(1, 2).parallelStream().findAny();
    }

    static Object identity() {
        return System.identityHashCode(OutsideCalls.class);
    }

    static Object identityOfAnObject() {
        return new Object().hashCode();
    }

    static Object zone() {
        return ZoneId.systemDefault();
    }

    static Object timeZone() {
        return TimeZone.getDefault();
    }

    static Object locale() {
        return Locale.getDefault();
    }

    static Object localeOfCase() {
        return "A".toLowerCase();
    }

    static Object localeOfFormat() {
        return String.format("%,d", 1_000);
    }

    static Object localeOfFormatted() {
        return "%,d".formatted(1_000);
    }

    static Object charset() {
        return Charset.defaultCharset();
    }

    static Object charsetOfBytes() {
        return "a".getBytes();
    }

    static Object orderOfASet() {
        return Set.of("a", "b").iterator().next();
    }

    static Object orderOfAMap() {
        return Map.of("a", 1, "b", 2).keySet().iterator().next();
    }

    static Object orderOfACopy() {
        return Set.copyOf(List.of("a", "b")).iterator().next();
    }

    static Object orderOfCollected() {
        return List.of("a", "b").stream().collect(Collectors.toUnmodifiableSet());
    }
}
