package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.state.WriterStore.Found;
import io.millrace.dispatcher.engine.store.Table;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriterStoreTest {

    private static final UUID ONE = writer(1);

    private final MemoryStorage storage = new MemoryStorage();
    private WriterStore store = new WriterStore(storage);

    private static UUID writer(long beganMs) {
        return new UUID(beganMs << 16 | 0x7000L, Long.MIN_VALUE | beganMs);
    }

    private void take(long number) {
        assertEquals(Found.NEW, store.look(ONE, number), () -> "number " + number);
        store.take(ONE, number);
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

    /** Against a set of all that was seen, whenever the state is stored and opened anew. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aWindowKnowsWhatASetKnows(long seed) {
        Random random = new Random(seed);
        TreeSet<Long> seen = new TreeSet<>();
        long first = 1L + random.nextInt(3_000);
        store.take(ONE, first);
        seen.add(first);
        for (int i = 0; i < 20_000; i++) {
            long highest = seen.last();
            long number = random.nextInt(10) < 7
                    ? highest + 1 + (random.nextInt(20) == 0 ? random.nextInt(1_500) : 0)
                    : Math.max(1, highest - random.nextInt(1_300));
            boolean known = number <= highest - SequenceWindow.WIDTH || number < first || seen.contains(number);
            assertEquals(known ? Found.SEEN : Found.NEW, store.look(ONE, number), () -> number + " of " + highest);
            if (!known) {
                store.take(ONE, number);
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
                store.take(writer, number);
                often.take(writer, number);
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
            store.take(writer(ms), 1);
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
