package io.millrace.dispatcher.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a {@link CommittedStore}: entries and the offset up to which they hold what the changelog says, always
 * together. It survives a kill as it is, and the loss of power as it was some time before. Reads on any thread, all else on
 * one; closing waits for reads that are under way.
 */
final class CommittedFile implements AutoCloseable {

    /** Stands for the value of a key that is to be deleted; told by its identity, as a value may be empty. */
    static final byte[] DELETED = new byte[0];

    /** Keys below are the file's own. */
    static final Bytes FIRST_KEY = Bytes.wrap(new byte[] {1});

    private static final Logger LOG = LoggerFactory.getLogger(CommittedFile.class);
    private static final byte[] OFFSET_KEY = {0};
    private static final byte[] LAST_RECORD_KEY = {0, 1};
    private static final String ASIDE = ".damaged";
    /** Says that something in the file could not be read. */
    private static final String UNREADABLE = "UNREADABLE";

    static {
        RocksDB.loadLibrary();
    }

    // As in Kafka Streams' own stores.
    private static final long CACHE_BYTES = 50L * 1024 * 1024;
    private static final long WRITE_BUFFER_BYTES = 16L * 1024 * 1024;
    private static final int WRITE_BUFFERS = 3;
    /** Of the write buffer: 0.3 MB, ten bits for each of 268,000 entries. */
    private static final double WRITE_BUFFER_FILTER_RATIO = 0.02;

    private final Cache cache = new LRUCache(CACHE_BYTES);
    private final BloomFilter filter = new BloomFilter();
    private final Options options;
    /**
     * The log of a write is not flushed to the disk. Kafka has all of it, and the beginning of a log is a state as
     * well.
     */
    private final WriteOptions logged = new WriteOptions();

    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Set<Entries> scans = new HashSet<>();
    private final Path folder;
    private final RocksDB db;
    private Optional<Long> offset;
    private Optional<Long> lastRecord;
    private boolean restored;
    private boolean closed;

    private CommittedFile(Path folder) throws RocksDBException {
        this.folder = folder;
        options = options(cache, filter);
        try {
            db = RocksDB.open(options, folder.toString());
        } catch (RocksDBException e) {
            closeOptions();
            throw e;
        }
        try {
            offset = number(OFFSET_KEY);
            lastRecord = number(LAST_RECORD_KEY);
        } catch (RocksDBException e) {
            close();
            throw e;
        }
    }

    private Optional<Long> number(byte[] key) throws RocksDBException {
        return Optional.ofNullable(db.get(key))
                .map(stored -> ByteBuffer.wrap(stored).getLong());
    }

    /**
     * How the store is kept. Each start asks for an execution that is not there yet. So a key that is missing has to be
     * told without reading a block: by a filter over the newest entries, and by one in every file. The files of the
     * last level have one too; RocksDB would leave it out there if it were told that most keys are found.
     */
    static Options options(Cache cache, BloomFilter filter) {
        return new Options()
                .setCreateIfMissing(true)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter))
                .setMemtablePrefixBloomSizeRatio(WRITE_BUFFER_FILTER_RATIO)
                .setMemtableWholeKeyFiltering(true)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setMaxWriteBufferNumber(WRITE_BUFFERS)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setCompactionStyle(CompactionStyle.UNIVERSAL)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                .setAvoidFlushDuringRecovery(true)
                .setIncreaseParallelism(Math.max(Runtime.getRuntime().availableProcessors(), 2));
    }

    /**
     * Opens the file, and makes it if there is none. One that is damaged is put aside and made anew: the changelog has it all.
     *
     * @throws ProcessorStateException if that fails too, or what fails is not the store but the machine
     */
    static CommittedFile open(Path folder) {
        try {
            Files.createDirectories(folder);
            if (Files.exists(folder.resolve(UNREADABLE))) {
                return anew(folder, new String(Files.readAllBytes(folder.resolve(UNREADABLE)), UTF_8));
            }
            if (Files.notExists(folder.resolve("CURRENT")) && holdsEntries(folder)) {
                return anew(folder, "expected the file CURRENT, but there is none"); // RocksDB would begin an empty one
            }
            try {
                return new CommittedFile(folder);
            } catch (RocksDBException e) {
                if (!tellsOfDamage(e)) {
                    throw e;
                }
                return anew(folder, String.valueOf(e.getMessage()));
            }
        } catch (RocksDBException | IOException e) {
            throw new ProcessorStateException("expected to open the store " + folder + ", but: " + e.getMessage(), e);
        }
    }

    private static boolean holdsEntries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().matches("MANIFEST-.*|.*\\.(sst|log)"));
        }
    }

    /** Puts the file aside, where only the last one is kept, and begins an empty one. */
    private static CommittedFile anew(Path folder, String why) throws IOException, RocksDBException {
        Path aside = folder.resolveSibling(folder.getFileName() + ASIDE);
        Utils.delete(aside.toFile());
        Files.move(folder, aside);
        LOG.error(
                "the store {} is damaged, and is read from Kafka again; what was found is kept as {}, and may be deleted: {}",
                folder,
                aside,
                why);
        Files.createDirectories(folder);
        return new CommittedFile(folder);
    }

    /** @return false where the store cannot help it: no more file handles, no rights, no room */
    private static boolean tellsOfDamage(RocksDBException e) {
        if (e.getStatus() == null) {
            return true;
        }
        return switch (e.getStatus().getCode()) {
            case Corruption, InvalidArgument, NotFound, NotSupported -> true;
            case IOError -> String.valueOf(e.getMessage()).contains("No such file");
            default -> false;
        };
    }

    /** What cannot be read now cannot be read later either: whoever opens the file next puts it aside. */
    private ProcessorStateException unreadable(RocksDBException e) {
        if (tellsOfDamage(e)) {
            markUnreadable(e);
        }
        return new ProcessorStateException("expected to read the store, but: " + e.getMessage(), e);
    }

    /** Something that was read here cannot be what was written: whoever opens the file next puts it aside. */
    void markUnreadable(Exception why) {
        try {
            Files.write(
                    folder.resolve(UNREADABLE), String.valueOf(why.getMessage()).getBytes(UTF_8));
        } catch (IOException unwritten) {
            why.addSuppressed(unwritten);
        }
    }

    /** @return offset of the changelog up to which the entries hold what it says */
    Optional<Long> offset() {
        return offset;
    }

    /** @return offset of the last record of the changelog that the entries hold: behind it up to the other may be ends of transactions */
    Optional<Long> lastRecord() {
        return lastRecord;
    }

    /** Takes over changes and the offset of the last of their records, both or none of them. */
    void write(Map<Bytes, byte[]> changes, Optional<Long> upTo) {
        write(changes, upTo, upTo.or(() -> lastRecord));
    }

    /** Takes over that up to this offset there is nothing more to be taken over. */
    void reached(long upTo) {
        write(Map.of(), Optional.of(upTo), lastRecord);
    }

    private void write(Map<Bytes, byte[]> changes, Optional<Long> upTo, Optional<Long> last) {
        if (changes.isEmpty() && (upTo.isEmpty() || upTo.equals(offset)) && last.equals(lastRecord)) {
            return;
        }
        try (WriteBatch batch = new WriteBatch()) {
            if (restored) {
                // The log must not go on behind a gap.
                try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
                    db.flush(flush);
                }
                restored = false;
            }
            for (Map.Entry<Bytes, byte[]> change : changes.entrySet()) {
                put(batch, change.getKey().get(), change.getValue() == DELETED ? null : change.getValue());
            }
            upTo.ifPresent(reached -> putNumber(batch, OFFSET_KEY, reached));
            last.ifPresent(record -> putNumber(batch, LAST_RECORD_KEY, record));
            db.write(logged, batch);
            offset = upTo.or(() -> offset);
            lastRecord = last;
        } catch (RocksDBException e) {
            throw new ProcessorStateException("expected to write the store, but: " + e.getMessage(), e);
        }
    }

    /** Takes over records of the changelog. */
    void restore(Collection<ConsumerRecord<byte[], byte[]>> records) {
        long last = -1;
        try (WriteBatch batch = new WriteBatch()) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                put(batch, record.key(), record.value());
                last = record.offset();
            }
            if (last >= 0) {
                putNumber(batch, OFFSET_KEY, last);
                putNumber(batch, LAST_RECORD_KEY, last);
                restored = true;
                db.write(unlogged, batch);
                offset = Optional.of(last);
                lastRecord = offset;
            }
        } catch (RocksDBException e) {
            throw new ProcessorStateException("expected to write the store, but: " + e.getMessage(), e);
        }
    }

    void forgetOffset() {
        try {
            db.delete(logged, OFFSET_KEY);
            offset = Optional.empty();
        } catch (RocksDBException e) {
            throw new ProcessorStateException("expected to write the store, but: " + e.getMessage(), e);
        }
    }

    private static void put(WriteBatch batch, byte[] key, byte @Nullable [] value) throws RocksDBException {
        if (value == null) {
            batch.delete(key);
        } else {
            batch.put(key, value);
        }
    }

    private static void putNumber(WriteBatch batch, byte[] key, long number) {
        try {
            batch.put(key, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
        } catch (RocksDBException e) {
            throw new ProcessorStateException("expected to write the store, but: " + e.getMessage(), e);
        }
    }

    /** @return the value, or null */
    byte @Nullable [] get(byte[] key) {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            checkOpen();
            return db.get(key);
        } catch (RocksDBException e) {
            throw unreadable(e);
        } finally {
            reading.unlock();
        }
    }

    long approximateEntries() {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            checkOpen();
            return db.getLongProperty("rocksdb.estimate-num-keys");
        } catch (RocksDBException e) {
            throw unreadable(e);
        } finally {
            reading.unlock();
        }
    }

    /** @return the entries as they are now, from the key on; to be closed */
    Entries scan(byte[] from) {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            checkOpen();
            Entries entries = new Entries(db.newIterator(), from);
            synchronized (scans) {
                scans.add(entries);
            }
            return entries;
        } finally {
            reading.unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new InvalidStateStoreException("expected an open store, but it is closed");
        }
    }

    @Override
    public void close() {
        Lock writing = lock.writeLock();
        writing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            synchronized (scans) {
                List.copyOf(scans).forEach(Entries::end);
            }
            db.close();
            closeOptions();
        } finally {
            writing.unlock();
        }
    }

    private void closeOptions() {
        options.close();
        logged.close();
        unlogged.close();
        filter.close();
        cache.close();
    }

    /** Entries in the order of their keys. For one thread, except that the file may be closed meanwhile. */
    final class Entries implements AutoCloseable {

        private final RocksIterator iterator;

        private Entries(RocksIterator iterator, byte[] from) {
            this.iterator = iterator;
            iterator.seek(from);
        }

        /** @return the key of the present entry, or null behind the last */
        @Nullable
        Bytes key() {
            return reading(() -> {
                if (iterator.isValid()) {
                    return Bytes.wrap(iterator.key());
                }
                iterator.status();
                return null;
            });
        }

        /** @return the value of the present entry */
        byte[] value() {
            return Objects.requireNonNull(reading(iterator::value), "value of an entry");
        }

        /** Goes on to the next entry. */
        void next() {
            reading(() -> {
                iterator.next();
                return null;
            });
        }

        private <T> @Nullable T reading(Access<T> access) {
            Lock reading = lock.readLock();
            reading.lock();
            try {
                checkOpen();
                return access.get();
            } catch (RocksDBException e) {
                throw unreadable(e);
            } finally {
                reading.unlock();
            }
        }

        @Override
        public void close() {
            Lock reading = lock.readLock();
            reading.lock();
            try {
                end();
            } finally {
                reading.unlock();
            }
        }

        /** The caller holds the lock. */
        private void end() {
            synchronized (scans) {
                if (scans.remove(this)) {
                    iterator.close();
                }
            }
        }
    }

    @FunctionalInterface
    private interface Access<T> {
        @Nullable
        T get() throws RocksDBException;
    }
}
