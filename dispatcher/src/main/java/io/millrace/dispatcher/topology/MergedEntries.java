package io.millrace.dispatcher.topology;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/** Entries of a file in the order of their keys, as they are with changes that are not in the file yet. For one thread. */
final class MergedEntries implements KeyValueIterator<Bytes, byte[]> {

    /** Tells whether a key still belongs to what was asked for; keys come in order. */
    @FunctionalInterface
    interface Within {
        boolean holds(Bytes key);
    }

    private final Iterator<Map.Entry<Bytes, byte[]>> changes;
    private final CommittedFile.Entries file;
    private final Within within;
    private Map.@Nullable Entry<Bytes, byte[]> change;
    private @Nullable KeyValue<Bytes, byte[]> next;

    /**
     * @param changes from the first key that is wanted
     * @param file likewise; closed with this
     */
    MergedEntries(Iterator<Map.Entry<Bytes, byte[]>> changes, CommittedFile.Entries file, Within within) {
        this.changes = changes;
        this.file = file;
        this.within = within;
        nextChange();
        advance();
    }

    private void nextChange() {
        change = changes.hasNext() ? changes.next() : null;
    }

    private void advance() {
        while (true) {
            Bytes stored = file.key();
            int order = stored == null
                    ? (change == null ? 0 : -1)
                    : change == null ? 1 : change.getKey().compareTo(stored);
            if (stored == null && change == null) {
                next = null;
                return;
            }
            if (order > 0) {
                next = new KeyValue<>(stored, file.value());
                file.next();
                break;
            }
            Map.Entry<Bytes, byte[]> changed = Objects.requireNonNull(change, "a change that comes first");
            nextChange();
            if (order == 0) {
                file.next(); // what it says is out of date
            }
            if (changed.getValue() != CommittedFile.DELETED) {
                next = new KeyValue<>(changed.getKey(), changed.getValue());
                break;
            }
        }
        if (!within.holds(next.key)) {
            next = null;
        }
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
        KeyValue<Bytes, byte[]> current = next;
        if (current == null) {
            throw new NoSuchElementException();
        }
        advance();
        return current;
    }

    @Override
    public Bytes peekNextKey() {
        if (next == null) {
            throw new NoSuchElementException();
        }
        return next.key;
    }

    @Override
    public void close() {
        file.close();
    }
}
