package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.state.WriterStore.Found;
import io.millrace.dispatcher.engine.store.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterStoreTest {

    private static final long NOW_MS = 1_750_000_000_000L;
    private static final UUID ONE = writer(1);

    private final MemoryStorage storage = new MemoryStorage();
    private WriterStore store = new WriterStore(storage);

    private static UUID writer(long beganMs) {
        return new UUID(beganMs << 16 | 0x7000L, Long.MIN_VALUE | beganMs);
    }

    private void take(long number) {
        assertEquals(Found.NEW, store.look(ONE, number), () -> "number " + number);
        store.take(ONE, number, NOW_MS);
        assertEquals(Found.SEEN, store.look(ONE, number), () -> "number " + number);
    }

    @Test
    void numbersThatAreLateAreNewOnce() {
        take(1);
        take(5);
        take(3);
        take(2);
        take(6);
        take(4);

        for (long number = 1; number <= 6; number++) {
            assertEquals(Found.SEEN, store.look(ONE, number));
        }
        take(7);
    }

    @Test
    void whatLiesFarBackOrBeforeTheFirstCountsAsSeen() {
        take(10);
        assertEquals(Found.SEEN, store.look(ONE, 9));

        take(12 + SequenceWindow.WIDTH);

        assertEquals(Found.SEEN, store.look(ONE, 12));
        take(13);
        assertEquals(Found.SEEN, store.look(ONE, 11));
    }

    /** What overtook the first of a writer's records is no reason to refuse that. */
    @Test
    void whatIsBeforeTheFirstOfAWriterThatBeganLaterMayStillComeOnce() {
        store.take(ONE, 1, NOW_MS);
        UUID atOnce = writer(NOW_MS + WriterStore.SURELY_LATER_MS);
        UUID later = writer(NOW_MS + WriterStore.SURELY_LATER_MS + 1);

        store.take(atOnce, 3, NOW_MS + 1);
        store.take(later, 3, NOW_MS + 1);

        assertEquals(
                Found.SEEN,
                store.look(atOnce, 1),
                "it may have come before numbers counted, by a clock that was ahead");
        store.flush();
        store = new WriterStore(storage);
        for (long number : new long[] {2, 1}) {
            assertEquals(Found.NEW, store.look(later, number));
            store.take(later, number, NOW_MS + 2);
            assertEquals(Found.SEEN, store.look(later, number));
        }
        UUID farAhead = writer(NOW_MS + 2 * WriterStore.SURELY_LATER_MS);
        store.take(farAhead, 2 * SequenceWindow.WIDTH, NOW_MS + 3);
        assertEquals(Found.SEEN, store.look(farAhead, SequenceWindow.WIDTH), "so far back nobody can tell");
        assertEquals(Found.NEW, store.look(farAhead, SequenceWindow.WIDTH + 1));
    }

    @Test
    void aWriterWhoseNumbersWereNotNotedForATimeIsAsOneFromBefore() {
        store.take(ONE, 1, NOW_MS);
        store.passOver(writer(2), 1, NOW_MS + 1);
        store.flush();
        store = new WriterStore(storage);
        UUID before = writer(NOW_MS + WriterStore.SURELY_LATER_MS + 1);
        UUID after = writer(NOW_MS + WriterStore.SURELY_LATER_MS + 2);

        store.take(before, 2, NOW_MS + 2);
        store.take(after, 2, NOW_MS + 2);

        assertEquals(List.of(Found.SEEN, Found.NEW), List.of(store.look(before, 1), store.look(after, 1)));
    }

    /** Whoever looks again must not take a copy of what nobody looked at for a command. */
    @Test
    void ofAWriterThatIsKnownNumbersThatProveNothingAreNotedToo() {
        take(5);
        store.passOver(ONE, 6, NOW_MS + 1);
        store.passOver(ONE, 9, NOW_MS + 2);
        store.passOver(ONE, 9, NOW_MS + 3);
        store.flush();
        store = new WriterStore(storage);

        for (long number : new long[] {5, 6, 9}) {
            assertEquals(Found.SEEN, store.look(ONE, number), () -> "number " + number);
        }
        take(7);
        take(8);
        take(10);
    }

    @Test
    void byANumberThatProvesNothingNobodyBecomesKnown() {
        take(1);

        store.passOver(writer(2), 6, NOW_MS);

        assertEquals(Found.NEW, store.look(writer(2), 7));
        assertEquals(2, storage.size(Table.WRITERS), "expected what is known of all, and of one");
    }

    /** Anybody may have written it. */
    @Test
    void theGreatestNumberIsANumber() {
        take(1);

        store.passOver(ONE, Long.MAX_VALUE, NOW_MS);

        assertEquals(Found.SEEN, store.look(ONE, Long.MAX_VALUE));
        assertEquals(Found.SEEN, store.look(ONE, Long.MAX_VALUE - SequenceWindow.WIDTH));
        take(Long.MAX_VALUE - SequenceWindow.WIDTH + 1);
        take(Long.MAX_VALUE - 1);
    }

    /** Against a set of all that was seen, whenever the state is stored and opened anew. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aWindowKnowsWhatASetKnows(long seed) {
        boolean later = seed > 4;
        UUID one = later ? writer(NOW_MS + 2 * WriterStore.SURELY_LATER_MS) : ONE;
        store.take(writer(2), 1, NOW_MS);
        Random random = new Random(seed);
        TreeSet<Long> seen = new TreeSet<>();
        long first = 1L + random.nextInt(3_000);
        store.take(one, first, NOW_MS);
        seen.add(first);
        for (int i = 0; i < 20_000; i++) {
            long highest = seen.last();
            long number = random.nextInt(10) < 7
                    ? highest + 1 + (random.nextInt(20) == 0 ? random.nextInt(1_500) : 0)
                    : Math.max(1, highest - random.nextInt(1_300));
            boolean known =
                    number <= highest - SequenceWindow.WIDTH || !later && number < first || seen.contains(number);
            assertEquals(known ? Found.SEEN : Found.NEW, store.look(one, number), () -> number + " of " + highest);
            if (!known) {
                store.take(one, number, NOW_MS);
                seen.add(number);
            }
            if (random.nextInt(50) == 0) {
                store.flush();
                store = new WriterStore(storage);
            }
        }
    }

    /** What is stored depends on what came alone, and not on when it was stored. */
    @Test
    void theSameIsStoredHoweverOftenItIs() {
        MemoryStorage other = new MemoryStorage();
        WriterStore often = new WriterStore(other, 300);
        store = new WriterStore(storage, 300);
        Random random = new Random(7);
        Map<UUID, Long> numbers = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            UUID writer = writer(1 + random.nextInt(1 + i / 5));
            long number = numbers.merge(writer, 1L + random.nextInt(2), Long::sum);
            Found found = store.look(writer, number);
            assertEquals(found, often.look(writer, number));
            if (found == Found.NEW) {
                store.take(writer, number, NOW_MS);
                often.take(writer, number, NOW_MS);
            }
            often.flush();
        }
        store.flush();

        assertEquals(other.dump(), storage.dump());
        assertEquals(301, storage.size(Table.WRITERS));
    }

    @Test
    void theWriterThatBeganFirstIsForgottenAndNobodyOfItsTimeIsTakenForNew() {
        store = new WriterStore(storage, 3);
        for (long ms : new long[] {20, 10, 40, 30}) {
            store.take(writer(ms), 1, NOW_MS);
        }

        assertEquals(Found.FORGOTTEN, store.look(writer(10), 1));
        assertEquals(Found.FORGOTTEN, store.look(writer(10), 2));
        assertEquals(Found.FORGOTTEN, store.look(writer(9), 1));
        assertEquals(Found.NEW, store.look(writer(11), 1));
        for (long ms : new long[] {20, 30, 40}) {
            assertEquals(Found.SEEN, store.look(writer(ms), 1));
            assertEquals(Found.NEW, store.look(writer(ms), 2));
        }
        store.flush();
        store = new WriterStore(storage, 3);
        assertEquals(Found.FORGOTTEN, store.look(writer(10), 2));
        assertEquals(Found.SEEN, store.look(writer(20), 1));
    }
}
