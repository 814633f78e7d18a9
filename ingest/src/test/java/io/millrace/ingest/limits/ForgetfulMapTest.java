package io.millrace.ingest.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ForgetfulMapTest {

    private static final int FEW = 100;

    private final AtomicLong looks = new AtomicLong();
    private final Set<Integer> missed = ConcurrentHashMap.newKeySet();
    private final ForgetfulMap<Integer, Integer> map = new ForgetfulMap<>(FEW, value -> {
        looks.incrementAndGet();
        return !missed.contains(value);
    });

    private void ask(int key) {
        assertEquals(key, map.compute(key, known -> known == null ? key : known));
    }

    @Test
    void whatNobodyWouldMissIsForgottenOnceThereIsMuch() {
        missed.add(7);
        for (int key = 0; key < 50 * FEW; key++) {
            ask(key);
        }

        assertTrue(map.size() <= FEW + 1, "there are " + map.size());
        assertTrue(looks.get() <= 50L * FEW * 2, "looked " + looks.get() + " times");
        map.compute(7, known -> {
            assertEquals(7, known);
            return known;
        });
    }

    @Test
    void whereNothingCanBeForgottenAKeyThatIsKnownCostsNoLookAndANewOneFew() {
        for (int key = 0; key < 50 * FEW; key++) {
            missed.add(key);
            ask(key);
        }
        assertTrue(looks.get() <= 50L * FEW * 2, "looked " + looks.get() + " times");
        long before = looks.get();
        for (int i = 0; i < 1_000; i++) {
            ask(i);
        }

        assertEquals(before, looks.get());
        assertEquals(50 * FEW, map.size());
    }
}
