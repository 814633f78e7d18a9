package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.HistoryForm;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stored form of executions. A core changes with most commands, a header never does. Each value of a worker's state has
 * a record of its own. The history stands in pages, and so do timers, promises and children that are over. So a change writes little again. {@link #load} and {@link
 * #history} on any thread, all else on the partition's.
 */
final class ExecutionStore {

    private static final byte CORE = 0;
    private static final byte HEADER = 1;
    private static final byte VALUE = 2;
    private static final byte TIMERS = 3;
    private static final byte PROMISES = 4;
    private static final byte CHILDREN = 5;
    private static final int ID_AND_PART = 17;
    /** Histories with more events than this are not kept in memory once they are stored. */
    private static final int HISTORY_IN_MEMORY = 512;
    /** Nor are those that are larger. */
    private static final int HISTORY_BYTES_IN_MEMORY = 256 * 1024;

    private final Storage storage;
    private final TaskStore tasks;

    /** @param tasks stored and deleted with their executions */
    ExecutionStore(Storage storage, TaskStore tasks) {
        this.storage = storage;
        this.tasks = tasks;
    }

    /** @return the execution without its tasks and its history, or null */
    @Nullable
    Execution load(UUID executionId) {
        byte[] coreKey = key(executionId, CORE);
        byte[] core = storage.get(Table.EXECUTIONS, coreKey);
        if (core == null) {
            return null;
        }
        Execution execution = DamagedRecordException.guard(
                Table.EXECUTIONS,
                coreKey,
                () -> ExecutionForm.decode(core, () -> storage.get(Table.EXECUTIONS, key(executionId, HEADER))));
        if (execution.storedApart) {
            takeIn(execution.timers, executionId, TIMERS);
            takeIn(execution.promises, executionId, PROMISES);
            takeIn(execution.children, executionId, CHILDREN);
            execution.storedApart = false;
        }
        byte[] prefix = key(executionId, VALUE);
        storage.scan(Table.EXECUTIONS, prefix, (key, value) -> {
            String name = new String(key, prefix.length, key.length - prefix.length, StandardCharsets.UTF_8);
            execution.values.put(name, new Payload(value));
            return true;
        });
        return execution;
    }

    /** Names all executions that are stored. */
    void ids(Consumer<UUID> visitor) {
        storage.scan(Table.EXECUTIONS, new byte[0], (key, value) -> {
            if (key.length == ID_AND_PART && key[ID_AND_PART - 1] == CORE) {
                visitor.accept(Bytes.reader(key).rawId());
            }
            return true;
        });
    }

    /** @return the history behind the sequence, ascending and without gaps: what is in memory, and before it what is stored */
    List<SealedEvent> history(Execution execution, int after) {
        HistoryNode node = execution.tail;
        int last = node == null ? execution.lastSequence : node.event().historySequence();
        if (last <= after) {
            return List.of();
        }
        SealedEvent[] events = new SealedEvent[last - after];
        int oldest = last + 1;
        for (; node != null && node.event().historySequence() > after; node = node.earlier()) {
            oldest = node.event().historySequence();
            events[oldest - after - 1] = node.event();
        }
        if (oldest > after + 1) {
            int inMemory = oldest;
            HistoryForm.Behind stored = new HistoryForm.Behind(after, event -> {
                int sequence = event.historySequence();
                if (sequence > after && sequence <= last) {
                    events[sequence - after - 1] = event;
                }
            });
            storage.scan(
                    Table.HISTORY,
                    HistoryForm.prefix(execution.id()),
                    (key, value) -> DamagedRecordException.guard(Table.HISTORY, key, () -> {
                        boolean wanted = HistoryForm.first(key) < inMemory;
                        if (wanted) {
                            stored.visit(key, value);
                        }
                        return wanted;
                    }));
            stored.end();
        }
        // An event that is being appended at this moment may be counted already and not be linked yet.
        int complete = 0;
        while (complete < events.length && events[complete] != null) {
            complete++;
        }
        return Arrays.asList(events).subList(0, complete);
    }

    /** Writes what changed of an execution. */
    void write(Execution execution) {
        UUID id = execution.id();
        writeHistory(execution);
        if (execution.headerDirty && !execution.header().small()) {
            storage.put(Table.EXECUTIONS, key(id, HEADER), execution.header().encode());
        }
        execution.headerDirty = false;
        if (execution.coreDirty) {
            if (execution.mayStandApart) {
                storePages(id, TIMERS, execution.timers);
                storePages(id, PROMISES, execution.promises);
                storePages(id, CHILDREN, execution.children);
            }
            storage.put(Table.EXECUTIONS, key(id, CORE), ExecutionForm.encode(execution));
            execution.coreDirty = false;
        }
        for (String key : execution.dirtyValues) {
            var value = execution.values.get(key);
            storage.put(Table.EXECUTIONS, valueKey(id, key), value == null ? null : value.json());
        }
        execution.dirtyValues.clear();
        for (UUID taskId : execution.dirtyTasks) {
            tasks.write(
                    execution.header().orgId(),
                    Objects.requireNonNull(execution.tasks.get(taskId), "task that changed"));
        }
        execution.dirtyTasks.clear();
        if (execution.lastSequence > HISTORY_IN_MEMORY || execution.historyBytes > HISTORY_BYTES_IN_MEMORY) {
            execution.tail = null;
        }
    }

    private void storePages(UUID id, byte part, Parts<?, ?> parts) {
        parts.storePages((number, page) -> storage.put(
                Table.EXECUTIONS,
                Bytes.writer(ID_AND_PART + Integer.BYTES)
                        .rawId(id)
                        .u8(part)
                        .i32(number)
                        .finish(),
                page));
    }

    private void takeIn(Parts<?, ?> parts, UUID id, byte part) {
        byte[] prefix = key(id, part);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        storage.scan(Table.EXECUTIONS, prefix, (key, page) -> {
            pages.put(ByteBuffer.wrap(key, prefix.length, Integer.BYTES).getInt(), page);
            return true;
        });
        DamagedRecordException.guard(Table.EXECUTIONS, prefix, () -> {
            parts.takeIn(pages);
            return null;
        });
    }

    /** Goes on with the page that is not full. */
    private void writeHistory(Execution execution) {
        Bytes page = null;
        for (HistoryNode node : execution.unflushedHistory) {
            int sequence = node.event().historySequence();
            if (page == null) {
                page = sequence == execution.historyPage
                        ? HistoryForm.newPage(execution.header().orgId())
                        : Bytes.writer()
                                .raw(Objects.requireNonNull(
                                        storage.get(Table.HISTORY, pageKey(execution)), "page that is not full"));
            }
            HistoryForm.add(page, node.event());
            if (page.size() >= HistoryForm.PAGE_BYTES) {
                storage.put(Table.HISTORY, pageKey(execution), page.finish());
                execution.historyPage = sequence + 1;
                page = null;
            }
        }
        if (page != null) {
            storage.put(Table.HISTORY, pageKey(execution), page.finish());
        }
        execution.unflushedHistory.clear();
    }

    /**
     * Deletes an execution with its history and all its tasks, or a part of it: what is left of it is deleted by further calls. Tasks
     * go with the page of the history that names them.
     *
     * @param most records that are to go, about
     * @return records that went; less than asked for if nothing is left
     */
    int delete(Header header, int most) {
        UUID id = header.id();
        int deleted = 0;
        for (Map.Entry<byte[], byte[]> page : some(Table.HISTORY, HistoryForm.prefix(id), most)) {
            if (deleted >= most) {
                return deleted;
            }
            Set<UUID> taskIds = new LinkedHashSet<>();
            HistoryForm.read(page.getKey(), page.getValue(), event -> {
                if (event.taskId() != null) {
                    taskIds.add(event.taskId());
                }
            });
            for (UUID taskId : taskIds) {
                deleted += tasks.delete(header.orgId(), id, taskId);
            }
            storage.put(Table.HISTORY, page.getKey(), null);
            deleted++;
        }
        if (header.standaloneTask() && deleted < most) {
            deleted += tasks.delete(header.orgId(), id, id);
        }
        for (Map.Entry<byte[], byte[]> part : some(Table.EXECUTIONS, HistoryForm.prefix(id), most - deleted)) {
            storage.put(Table.EXECUTIONS, part.getKey(), null);
            deleted++;
        }
        return deleted;
    }

    /** @return the first records under the prefix, so many at the most */
    private List<Map.Entry<byte[], byte[]>> some(Table table, byte[] prefix, int most) {
        List<Map.Entry<byte[], byte[]>> found = new ArrayList<>();
        if (most > 0) {
            storage.scan(table, prefix, (key, value) -> found.add(Map.entry(key, value)) && found.size() < most);
        }
        return found;
    }

    private static byte[] pageKey(Execution execution) {
        return HistoryForm.key(execution.id(), execution.historyPage);
    }

    private static byte[] key(UUID id, byte part) {
        return Bytes.writer(ID_AND_PART).rawId(id).u8(part).finish();
    }

    private static byte[] valueKey(UUID id, String key) {
        return Bytes.writer()
                .rawId(id)
                .u8(VALUE)
                .raw(key.getBytes(StandardCharsets.UTF_8))
                .finish();
    }
}
