package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to a file of a store: it opens as it was at some offset, or it is put aside and begins anew. */
class DamagedFileTest {

    private static final int RESTORED = 500;
    private static final byte[] LATE_KEY = key(RESTORED);

    @TempDir
    Path folder;

    private Path state;
    private Path aside;

    /** What happens to a file. */
    enum Damage {
        MISSING,
        EMPTY,
        CUT,
        GARBLED,
        /** By bytes that are no text in any encoding. */
        NO_TEXT;

        void befall(Path file) throws IOException {
            byte[] contents = Files.readAllBytes(file);
            switch (this) {
                case MISSING -> Files.delete(file);
                case EMPTY -> Files.write(file, new byte[0]);
                case CUT -> Files.write(file, Arrays.copyOf(contents, contents.length / 2));
                case GARBLED -> Files.write(file, filled(contents.length, (byte) 0x5a));
                case NO_TEXT -> Files.write(file, filled(contents.length, (byte) 0xff));
            }
        }
    }

    private static byte[] filled(int length, byte with) {
        byte[] filled = new byte[length];
        Arrays.fill(filled, with);
        return filled;
    }

    private static byte[] key(int number) {
        return ("key" + number).getBytes(US_ASCII);
    }

    /** Entries that were flushed to a file, up to offset 499, and one more that stands in the log of writes only. */
    @BeforeEach
    void store() {
        state = folder.resolve("state");
        aside = folder.resolve("state.damaged");
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < RESTORED; i++) {
            records.add(new ConsumerRecord<>("changelog", 0, i, key(i), new byte[100]));
        }
        try (CommittedFile file = CommittedFile.open(state)) {
            file.restore(records);
            file.write(Map.of(Bytes.wrap(LATE_KEY), new byte[] {1}), Optional.of((long) RESTORED));
        }
    }

    private List<Path> files(String pattern) throws IOException {
        try (Stream<Path> all = Files.list(state)) {
            return all.filter(file -> file.getFileName().toString().matches(pattern))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CURRENT, MISSING",
        "CURRENT, EMPTY",
        "CURRENT, CUT",
        "CURRENT, GARBLED",
        "CURRENT, NO_TEXT",
        "MANIFEST-.*, MISSING",
        "MANIFEST-.*, EMPTY",
        "MANIFEST-.*, GARBLED",
        "MANIFEST-.*, NO_TEXT",
        ".*\\.sst, MISSING",
        ".*\\.sst, EMPTY",
        ".*\\.sst, CUT",
        ".*\\.sst, GARBLED",
        ".*\\.sst, NO_TEXT"
    })
    void whatCannotBeOpenedIsPutAsideAndReadFromKafkaAgain(String pattern, Damage damage) throws IOException {
        assertFalse(files(pattern).isEmpty());
        for (Path each : files(pattern)) {
            damage.befall(each);
        }
        try (CommittedFile file = CommittedFile.open(state)) {
            assertEquals(Optional.empty(), file.offset());
            assertEquals(0, entries(file));
        }
        assertTrue(Files.isDirectory(aside));
    }

    @ParameterizedTest
    @CsvSource({
        "MANIFEST-.*, CUT",
        "LOCK, MISSING",
        "LOCK, GARBLED",
        "LOCK, NO_TEXT",
        ".*\\.log, MISSING",
        ".*\\.log, EMPTY",
        ".*\\.log, CUT",
        ".*\\.log, GARBLED",
        ".*\\.log, NO_TEXT",
        "IDENTITY, MISSING",
        "IDENTITY, GARBLED",
        "IDENTITY, NO_TEXT",
        "OPTIONS-.*, MISSING",
        "OPTIONS-.*, GARBLED",
        "OPTIONS-.*, NO_TEXT"
    })
    void whateverElseIsDamagedTheEntriesAreThoseOfTheOffset(String pattern, Damage damage) throws IOException {
        for (Path each : files(pattern)) {
            damage.befall(each);
        }
        try (CommittedFile file = CommittedFile.open(state)) {
            assertEquals(file.offset().map(offset -> offset + 1).orElse(0L), entries(file));
        }
    }

    private static long entries(CommittedFile file) {
        long found = 0;
        for (int i = 0; i <= RESTORED; i++) {
            found += file.get(key(i)) == null ? 0 : 1;
        }
        return found;
    }

    /** Opening does not read everything; so this shows only when it is read. */
    @Test
    void whatCannotBeReadIsPutAsideWhenTheStoreIsOpenedAgain() throws IOException {
        Path largest = files(".*\\.sst").stream()
                .max(Comparator.comparingLong(each -> each.toFile().length()))
                .orElseThrow();
        byte[] contents = Files.readAllBytes(largest);
        Arrays.fill(contents, 100, 2_000, (byte) 0x5a);
        Files.write(largest, contents);
        try (CommittedFile file = CommittedFile.open(state)) {
            assertNotNull(file.get(LATE_KEY));
            assertThrows(ProcessorStateException.class, () -> entries(file));
        }
        assertFalse(Files.exists(aside));

        try (CommittedFile file = CommittedFile.open(state)) {
            assertEquals(Optional.empty(), file.offset());
            assertEquals(0, entries(file));
        }
        assertTrue(Files.isDirectory(aside));
    }

    /** The mark counts, and not what it says. */
    @ParameterizedTest
    @EnumSource(names = "MISSING", mode = EnumSource.Mode.EXCLUDE)
    void aDamagedMarkOfDamageIsAMarkAllTheSame(Damage damage) throws IOException {
        Path mark = state.resolve("UNREADABLE");
        try (CommittedFile file = CommittedFile.open(state)) {
            file.markUnreadable(new IllegalStateException("half a character: \ud800"));
        }
        damage.befall(mark);
        try (CommittedFile file = CommittedFile.open(state)) {
            assertEquals(Optional.empty(), file.offset());
        }
        assertTrue(Files.isDirectory(aside));
        assertTrue(Files.notExists(mark));
    }

    @Test
    void ofSeveralDamagedOnesTheLastIsKept() throws IOException {
        for (int i = 0; i < 2; i++) {
            Damage.MISSING.befall(state.resolve("CURRENT"));
            CommittedFile.open(state).close();
        }
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(List.of(state, aside), all.sorted().toList());
        }
    }
}
