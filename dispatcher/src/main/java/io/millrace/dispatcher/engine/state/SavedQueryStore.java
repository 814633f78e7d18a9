package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The queries of a partition that have names. All of them are in memory: an organisation has few. Changes wait for the next flush. On
 * the partition's thread.
 */
public final class SavedQueryStore {

    private static final int FORM = 2;

    private final Storage storage;
    private final Map<UUID, Map<String, SavedQuery>> queries = new HashMap<>();
    private final Set<Key> unflushed = new LinkedHashSet<>();

    private record Key(UUID orgId, String name) {

        byte[] stored() {
            return Bytes.writer().rawId(orgId).text(name).finish();
        }

        static Key read(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            return new Key(in.rawId(), in.text());
        }
    }

    SavedQueryStore(Storage storage) {
        this.storage = storage;
        storage.scan(Table.SAVED_QUERIES, new byte[0], (stored, value) -> {
            Key key = DamagedRecordException.guard(Table.SAVED_QUERIES, stored, () -> Key.read(stored));
            enter(
                    key.orgId(),
                    DamagedRecordException.guard(Table.SAVED_QUERIES, stored, () -> decode(key.name(), value)));
            return true;
        });
    }

    /** @return the query, null if the organisation has none of the name */
    public @Nullable SavedQuery get(UUID orgId, String name) {
        Map<String, SavedQuery> ofOrg = queries.get(orgId);
        return ofOrg == null ? null : ofOrg.get(name);
    }

    /** @return how many the organisation has */
    public int count(UUID orgId) {
        return queries.getOrDefault(orgId, Map.of()).size();
    }

    void put(UUID orgId, SavedQuery query) {
        enter(orgId, query);
        unflushed.add(new Key(orgId, query.name()));
    }

    private void enter(UUID orgId, SavedQuery query) {
        queries.computeIfAbsent(orgId, unknown -> new HashMap<>()).put(query.name(), query);
    }

    void remove(UUID orgId, String name) {
        queries.computeIfPresent(orgId, (org, left) -> {
            left.remove(name);
            return left.isEmpty() ? null : left;
        });
        unflushed.add(new Key(orgId, name));
    }

    void flush() {
        unflushed.forEach(key -> {
            SavedQuery query = get(key.orgId(), key.name());
            storage.put(Table.SAVED_QUERIES, key.stored(), query == null ? null : encode(query));
        });
        unflushed.clear();
    }

    private static byte[] encode(SavedQuery query) {
        return Bytes.writer()
                .u8(FORM)
                .text(query.subject())
                .text(query.query())
                .text(query.about())
                .text(query.savedBy())
                .i64(query.version())
                .finish();
    }

    private static SavedQuery decode(String name, byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        int form = in.u8();
        if (form != 1) { // the first, in which nothing had a version
            Versions.expect(form, FORM, "saved query");
        }
        return new SavedQuery(name, in.text(), in.text(), in.text(), in.text(), form == 1 ? 0 : in.i64());
    }
}
