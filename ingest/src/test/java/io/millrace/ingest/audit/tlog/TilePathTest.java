package io.millrace.ingest.audit.tlog;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TilePathTest {

    @Test
    void writesIndexesInGroupsOfThreeDigits() {
        assertEquals("tile/0/x001/x234/067", new TilePath(0, 1_234_067, 256).toString());
        assertEquals("tile/2/000.p/1", new TilePath(2, 0, 1).toString());
        assertEquals("tile/entries/273.p/112", new TilePath(TilePath.ENTRIES, 273, 112).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tile/0/x001/x234/067", "tile/63/000", "tile/entries/999.p/255", "tile/1/x001/000.p/1"})
    void readsWhatItWrites(String path) {
        assertEquals(path, TilePath.parse(path).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile/0/0",
                "tile/00/000",
                "tile/64/000",
                "tile/0/001/234",
                "tile/0/x000/234",
                "tile/0/000.p/0",
                "tile/0/000.p/256",
                "tile/0/000.p/01",
                "tile/-1/000",
                "tile/0/000/",
                "tile/entries/x1/000",
                "checkpoint"
            })
    void takesNoSecondWayToWriteOne(String path) {
        assertEquals(Optional.empty(), TilePath.parse(path));
    }

    @Test
    void bundlesHoldEntriesBehindTheirLength() {
        byte[] bundle = EntryBundle.encode(List.of(new byte[] {7, 8, 9}, new byte[0], new byte[300]));

        assertEquals(2 + 3 + 2 + 2 + 300, bundle.length);
        assertArrayEquals(new byte[] {0, 3, 7, 8, 9, 0, 0, 1, 44}, java.util.Arrays.copyOf(bundle, 9));
        List<byte[]> entries = EntryBundle.decode(bundle);
        assertEquals(
                List.of(3, 0, 300), entries.stream().map(entry -> entry.length).toList());
        assertThrows(TlogException.class, () -> EntryBundle.decode(java.util.Arrays.copyOf(bundle, bundle.length - 1)));
        assertThrows(TlogException.class, () -> EntryBundle.decode(new byte[1]));
        assertThrows(TlogException.class, () -> EntryBundle.encode(List.of(new byte[65_536])));
    }
}
