package io.millrace.dispatcher.engine.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a line costs: how often the store is read, and how much of it is in memory. */
class ReadyLineTest {

    private static final int WINDOW = 4;
    private static final int MANY = 10_000;

    private final TreeSet<ReadyItem> stored = new TreeSet<>();
    private final TreeSet<ReadyItem> gone = new TreeSet<>();
    private int scans;
    private int inMemory;

    private ReadyLine line() {
        ReadyLine.Source source = (from, visitor) -> {
            scans++;
            for (ReadyItem item : stored.tailSet(item(from, 0))) {
                if (!gone.contains(item) && !visitor.visit(item)) {
                    return;
                }
            }
        };
        return new ReadyLine(source, () -> WINDOW, more -> inMemory += more, stored.size());
    }

    private static ReadyItem item(long orderMs, long id) {
        return new ReadyItem(orderMs, new UUID(0, id), null, "order", orderMs, "");
    }

    private ReadyItem take(ReadyLine line) {
        ReadyItem first = line.first();
        assertTrue(line.remove(first));
        gone.add(first);
        return first;
    }

    @Test
    void whatIsHandedOutBetweenTwoFlushesIsReadInEverLargerParts() {
        for (int i = 0; i < MANY; i++) {
            stored.add(item(i, i));
        }
        ReadyLine line = line();
        for (int i = 0; i < MANY; i++) {
            assertEquals(i, take(line).orderMs());
            assertTrue(inMemory <= ReadyLine.MOST_AT_ONCE);
        }
        assertEquals(0, line.count());
        assertTrue(scans <= 10 + MANY / ReadyLine.MOST_AT_ONCE + 1, () -> scans + " scans");
    }

    /** Nothing is lost or doubled whatever comes and goes behind the horizon. */
    @Test
    void whatComesAndGoesSinceTheFlushStandsInItsPlace() {
        Random random = new Random(1);
        TreeSet<ReadyItem> model = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            stored.add(item(random.nextInt(50), i));
        }
        model.addAll(stored);
        ReadyLine line = line();
        for (int step = 0; step < 20_000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    ReadyItem added = item(step / 100 + random.nextInt(50), 1_000 + step);
                    assertTrue(line.add(added));
                    model.add(added);
                }
                case 3 -> {
                    if (!model.isEmpty()) {
                        ReadyItem any = model.stream()
                                .skip(random.nextInt(model.size()))
                                .findFirst()
                                .orElseThrow();
                        assertTrue(line.remove(any));
                        model.remove(any);
                        gone.add(any);
                    }
                }
                case 4, 5, 6 -> {
                    if (!model.isEmpty()) {
                        assertEquals(model.pollFirst(), take(line));
                    }
                }
                default -> {
                    stored.clear();
                    stored.addAll(model);
                    gone.clear();
                    line.flushed();
                    assertTrue(inMemory <= model.size());
                }
            }
            assertEquals(model.size(), line.count());
        }
    }
}
