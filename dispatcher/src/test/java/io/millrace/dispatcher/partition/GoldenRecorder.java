package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.partition.GoldenLog.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Records golden logs of the newest rules, with {@code -Dgolden.record}: what the stories of the engine's tests tell, and random
 * logs. It writes them when the tests are over. CONTRIBUTING.md tells when that may be done.
 */
public final class GoldenRecorder {

    private static final boolean ON = System.getProperty("golden.record") != null;
    private static final Path FOLDER = Path.of("src/test/resources/golden/rules-" + Rules.VERSION);
    private static final long[] SEEDS = {101, 102};
    private static final int RANDOM_COMMANDS = 400;
    private static final int PARTITIONS = 4;
    private static final int FLUSH_EVERY = 17;
    private static final int MOST_COMMANDS = 400;
    private static final int MOST_BYTES = 1_100_000;
    /** Compressed sizes: of a story, and beyond which one of each test is enough. */
    private static final int MOST_COMPRESSED = 30_000;

    private static final int LARGE_COMPRESSED = 3_500;
    private static final List<Tale> TALES = new ArrayList<>();

    private GoldenRecorder() {}

    /** What a story has told so far. One thread. */
    public static final class Tale {
        private final String test;
        private final List<Step> steps = new ArrayList<>();

        private Tale(String test) {
            this.test = test;
        }

        /** Keeps the command, if anybody records. */
        public void told(CommandMeta meta, Command command) {
            if (ON) {
                steps.add(step(meta, command));
            }
        }

        private List<List<Byte>> contents() {
            List<List<Byte>> contents = new ArrayList<>();
            for (Step step : steps) {
                List<Byte> bytes = new ArrayList<>(step.command().length);
                for (byte b : step.command()) {
                    bytes.add(b);
                }
                contents.add(bytes);
            }
            return contents;
        }

        private long bytes() {
            return steps.stream().mapToLong(step -> step.command().length).sum();
        }
    }

    /** @return where a story of the test that runs is told to */
    public static Tale begin() {
        if (!ON) {
            return new Tale("");
        }
        if (!"1".equals(System.getProperty("millrace.test-jvms"))) {
            throw new IllegalStateException("expected -Dmillrace.test-jvms=1 beside -Dgolden.record, since the stories"
                    + " are written by the JVM that told all of them");
        }
        Tale tale = new Tale(StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.endsWith("Test"))
                        .findFirst()
                        .map(name -> name.substring(name.lastIndexOf('.') + 1, name.length() - "Test".length()))
                        .orElse("")));
        synchronized (TALES) {
            if (TALES.isEmpty()) {
                Runtime.getRuntime().addShutdownHook(new Thread(GoldenRecorder::record));
            }
            TALES.add(tale);
        }
        return tale;
    }

    static Step step(CommandMeta meta, Command command) {
        byte[] record = CommandRecords.of(meta, command).toByteArray();
        return new Step(meta.appendedMs(), record, null, null, List.of(), List.of());
    }

    private static void record() {
        try {
            Files.createDirectories(FOLDER);
            write("stories", stories());
            write("random", randomLogs());
        } catch (IOException e) {
            throw new UncheckedIOException("expected to write golden logs to " + FOLDER + ", but that failed", e);
        }
    }

    private static void write(String file, List<GoldenLog> logs) throws IOException {
        try (OutputStream out = Files.newOutputStream(FOLDER.resolve(file + ".gz"))) {
            GoldenLog.write(logs, out);
        }
    }

    private static List<GoldenLog> stories() throws IOException {
        List<GoldenLog> stories = new ArrayList<>();
        Set<List<List<Byte>>> seen = new HashSet<>();
        Map<String, Integer> numbers = new HashMap<>();
        Set<String> withLarge = new HashSet<>();
        List<Tale> tales;
        synchronized (TALES) {
            tales = new ArrayList<>(TALES);
        }
        tales.sort(Comparator.comparing((Tale tale) -> tale.test).thenComparingLong(Tale::bytes));
        for (Tale tale : tales) {
            int commands = tale.steps.size();
            if (commands < 2 || commands > MOST_COMMANDS || tale.bytes() > MOST_BYTES || !seen.add(tale.contents())) {
                continue;
            }
            int number = numbers.getOrDefault(tale.test, 0) + 1;
            GoldenLog story = GoldenRun.of(tale.test + " " + number, 1, tale.steps, FLUSH_EVERY);
            int size = compressed(story);
            if (size <= LARGE_COMPRESSED || size <= MOST_COMPRESSED && withLarge.add(tale.test)) {
                numbers.put(tale.test, number);
                stories.add(story);
            }
        }
        return stories;
    }

    private static int compressed(GoldenLog log) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        GoldenLog.write(List.of(log), out);
        return out.size();
    }

    private static List<GoldenLog> randomLogs() {
        List<GoldenLog> logs = new ArrayList<>();
        for (long seed : SEEDS) {
            List<Step> steps = RandomLog.ofFirst(PARTITIONS, seed).entries(RANDOM_COMMANDS).stream()
                    .map(entry -> step(entry.meta(), entry.command()))
                    .toList();
            logs.add(GoldenRun.of("random log " + seed, PARTITIONS, steps, FLUSH_EVERY));
        }
        return logs;
    }
}
