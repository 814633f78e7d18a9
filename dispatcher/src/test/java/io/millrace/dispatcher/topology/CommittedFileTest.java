package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableProperties;

class CommittedFileTest {

    static {
        RocksDB.loadLibrary();
    }

    @TempDir
    private Path folder;

    /** Each start asks for a key that is missing. */
    @Test
    void eachFileTellsWithoutReadingABlockThatAKeyIsMissing() throws RocksDBException {
        try (Cache cache = new LRUCache(1 << 20);
                BloomFilter filter = new BloomFilter();
                Options options = CommittedFile.options(cache, filter);
                RocksDB store = RocksDB.open(options, folder.toString())) {
            for (int entry = 0; entry < 1_000; entry++) {
                store.put(("key " + entry).getBytes(UTF_8), new byte[100]);
            }
            store.compactRange(); // into the last level

            Map<String, TableProperties> files = store.getPropertiesOfAllTables();
            assertFalse(files.isEmpty());
            files.forEach((file, properties) -> assertTrue(properties.getFilterSize() > 1_000, file));
        }
    }
}
