package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.engine.store.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/**
 * The tables of a partition in a RocksDB in a temporary folder. Nothing of it has to survive anything, so nothing waits for a
 * disk. The folder is deleted when it is closed, and when the process ends before that. One thread.
 */
final class TemporaryStore implements Storage, AutoCloseable {

    private static final long WRITE_BUFFER_BYTES = 64L << 20;
    private static final String PREFIX = "millrace-replay-";

    static {
        RocksDB.loadLibrary();
    }

    private final Path folder;
    private final Thread atExit;
    private final BloomFilter filter = new BloomFilter();
    private final Options options;
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final RocksDB db;

    private TemporaryStore(Path folder) throws RocksDBException {
        this.folder = folder;
        atExit = new Thread(() -> delete(folder), "millrace-replay-folder");
        Runtime.getRuntime().addShutdownHook(atExit);
        options = new Options()
                .setCreateIfMissing(true)
                .setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(filter))
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL);
        db = RocksDB.open(options, folder.toString());
    }

    /**
     * Makes one.
     *
     * @throws StorageException the disk has no room, or no such folder may be made
     */
    static TemporaryStore open() {
        try {
            return new TemporaryStore(Files.createTempDirectory(PREFIX));
        } catch (IOException | RocksDBException e) {
            throw new StorageException("expected room for a state in a temporary folder, but: " + e.getMessage(), e);
        }
    }

    private static StorageException failed(RocksDBException e) {
        return new StorageException("expected to use a state in a temporary folder, but: " + e.getMessage(), e);
    }

    private static byte[] full(Table table, byte[] key) {
        byte[] full = new byte[key.length + 1];
        full[0] = (byte) table.ordinal();
        System.arraycopy(key, 0, full, 1, key.length);
        return full;
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        try {
            return db.get(full(table, key));
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    @Override
    public void put(Table table, byte[] key, byte @Nullable [] value) {
        try {
            if (value == null) {
                db.delete(unlogged, full(table, key));
            } else {
                db.put(unlogged, full(table, key), value);
            }
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        try (RocksIterator entries = db.newIterator()) {
            for (entries.seek(full(table, firstKey)); entries.isValid(); entries.next()) {
                byte[] key = entries.key();
                if (key[0] != table.ordinal()
                        || !visitor.visit(Arrays.copyOfRange(key, 1, key.length), entries.value())) {
                    return;
                }
            }
            entries.status();
        } catch (RocksDBException e) {
            throw failed(e);
        }
    }

    /** Nothing of it is left. */
    @Override
    public void close() {
        db.close();
        options.close();
        filter.close();
        unlogged.close();
        delete(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook finds nothing more to delete.
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected to delete " + folder + ", but: " + e.getMessage(), e);
        }
    }
}
