package io.millrace.dispatcher.engine.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a long history the pages that are not wanted are not read. */
class HistoryFormTest {

    private static final UUID ID = new UUID(1, 2);
    private static final UUID ORG = new UUID(3, 4);
    private static final int EVENTS = 10;
    private static final int IN_A_PAGE = 3;
    private static final byte[] DAMAGED = {99};

    /** Pages of three events, the last of one. */
    private static Map<Integer, byte[]> pages() {
        Map<Integer, byte[]> pages = new TreeMap<>();
        for (int first = 1; first <= EVENTS; first += IN_A_PAGE) {
            Bytes page = HistoryForm.newPage(ORG);
            for (int sequence = first; sequence < first + IN_A_PAGE && sequence <= EVENTS; sequence++) {
                HistoryForm.add(
                        page,
                        new SealedEvent(
                                ID,
                                ORG,
                                null,
                                sequence,
                                sequence,
                                "TYPE",
                                new byte[0],
                                5,
                                Status.RUNNING,
                                false,
                                new byte[32]));
            }
            pages.put(first, page.finish());
        }
        return pages;
    }

    private static List<Integer> behind(int after, Map<Integer, byte[]> pages) {
        List<Integer> read = new ArrayList<>();
        HistoryForm.Behind behind = new HistoryForm.Behind(after, event -> {
            if (event.historySequence() > after) {
                read.add(event.historySequence());
            }
        });
        pages.forEach((first, page) -> behind.visit(HistoryForm.key(ID, first), page));
        behind.end();
        return read;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
    void readsAllThatIsBehindAndNoPageThatIsBeforeIt(int after) {
        Map<Integer, byte[]> pages = pages();
        pages.replaceAll((first, page) -> first + IN_A_PAGE - 1 <= after && first < EVENTS ? DAMAGED : page);

        assertEquals(IntStream.rangeClosed(after + 1, EVENTS).boxed().toList(), behind(after, pages));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 10})
    void namesThePageThatIsDamaged(int first) {
        Map<Integer, byte[]> pages = pages();
        pages.put(first, DAMAGED);

        String told = assertThrows(DamagedRecordException.class, () -> behind(0, pages))
                .getMessage();

        assertEquals(true, told.contains(String.format("%08x", first)), told);
    }
}
