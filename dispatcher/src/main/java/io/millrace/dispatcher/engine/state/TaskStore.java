package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.state.Task.LogLine;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stored form of tasks: one record for a task, under organisation, task id and execution, and behind it one for each
 * line of its log. So a task is found by its id alone, without an index that would have to be written beside it.
 * Organisations never meet. A log is not written again with every change of its task. Tasks of an execution are found
 * through its history.
 *
 * <p>Reads and {@link #home} on any thread, all else on the partition's.
 */
final class TaskStore {

    private final Storage storage;
    /** Executions of tasks that are not stored yet. Of two workflows that use one id, any may be found. */
    private final Map<TaskKey, UUID> unstored = new ConcurrentHashMap<>();
    /** Executions of tasks that stand under execution and task id, as all did once. They leave with their executions. */
    private final Map<UUID, Set<UUID>> earlier = new ConcurrentHashMap<>();

    private record TaskKey(UUID orgId, UUID taskId) {}

    TaskStore(Storage storage) {
        this.storage = storage;
        storage.scan(Table.TASKS_BY_EXECUTION, new byte[0], (key, value) -> {
            Bytes in = Bytes.reader(key);
            UUID executionId = in.rawId();
            earlier.computeIfAbsent(in.rawId(), id -> ConcurrentHashMap.newKeySet(1))
                    .add(executionId);
            return true;
        });
    }

    /** A task came to be that will be stored with the next flush. */
    void created(UUID orgId, Task task) {
        unstored.put(new TaskKey(orgId, task.id), task.executionId);
    }

    /** A task will not be stored after all. */
    void discarded(UUID orgId, Task task) {
        unstored.remove(new TaskKey(orgId, task.id), task.executionId);
    }

    /** All tasks that came to be are stored. */
    void flushed() {
        unstored.clear();
    }

    /**
     * @param organisation of an execution, null where there is none of the id
     * @return the execution of the organisation that the task belongs to, or null
     */
    @Nullable
    UUID home(UUID orgId, UUID taskId, Function<UUID, @Nullable UUID> organisation) {
        UUID home = unstored.get(new TaskKey(orgId, taskId));
        if (home != null) {
            return home;
        }
        UUID[] found = new UUID[1];
        byte[] prefix = Bytes.writer().rawId(orgId).rawId(taskId).finish();
        storage.scan(Table.TASKS, prefix, (key, value) -> {
            Bytes in = Bytes.reader(key);
            in.rawId();
            in.rawId();
            found[0] = in.rawId();
            return false;
        });
        if (found[0] != null) {
            return found[0];
        }
        return earlier.getOrDefault(taskId, Set.of()).stream()
                .filter(executionId -> orgId.equals(organisation.apply(executionId)))
                .findFirst()
                .orElse(null);
    }

    /** @return the task, or null */
    @Nullable
    Task read(UUID orgId, UUID executionId, UUID taskId) {
        byte[] key = key(orgId, executionId, taskId);
        byte[] stored = storage.get(Table.TASKS, key);
        if (stored == null && isEarlier(executionId, taskId)) {
            stored = storage.get(Table.TASKS_BY_EXECUTION, earlierKey(executionId, taskId));
        }
        byte[] found = stored;
        return found == null
                ? null
                : DamagedRecordException.guard(Table.TASKS, key, () -> Task.decode(found, lines -> log(key, lines)));
    }

    /** Lines are written before the task that counts them, so there are never fewer. */
    private List<LogLine> log(byte[] taskKey, int lines) {
        List<LogLine> log = new ArrayList<>(lines);
        storage.scan(Table.TASKS, taskKey, (key, value) -> {
            if (key.length > taskKey.length) {
                log.add(LogLine.decode(value));
            }
            return log.size() < lines;
        });
        return log;
    }

    void write(UUID orgId, Task task) {
        byte[] key = key(orgId, task.executionId, task.id);
        for (; task.storedLines < task.log.size(); task.storedLines++) {
            storage.put(
                    Table.TASKS,
                    Bytes.writer().raw(key).i32(task.storedLines).finish(),
                    task.log.get(task.storedLines).encode());
        }
        storage.put(Table.TASKS, key, task.encode());
        deleteEarlier(task.executionId, task.id);
    }

    /** @return records that there were */
    int delete(UUID orgId, UUID executionId, UUID taskId) {
        List<byte[]> keys = new ArrayList<>();
        storage.scan(Table.TASKS, key(orgId, executionId, taskId), (key, value) -> keys.add(key));
        keys.forEach(key -> storage.put(Table.TASKS, key, null));
        deleteEarlier(executionId, taskId);
        return keys.size();
    }

    private boolean isEarlier(UUID executionId, UUID taskId) {
        return earlier.getOrDefault(taskId, Set.of()).contains(executionId);
    }

    private void deleteEarlier(UUID executionId, UUID taskId) {
        if (isEarlier(executionId, taskId)) {
            storage.put(Table.TASKS_BY_EXECUTION, earlierKey(executionId, taskId), null);
            earlier.computeIfPresent(
                    taskId, (id, homes) -> homes.remove(executionId) && homes.isEmpty() ? null : homes);
        }
    }

    private static byte[] key(UUID orgId, UUID executionId, UUID taskId) {
        return Bytes.writer(3 * Bytes.ID)
                .rawId(orgId)
                .rawId(taskId)
                .rawId(executionId)
                .finish();
    }

    private static byte[] earlierKey(UUID executionId, UUID taskId) {
        return Bytes.writer().rawId(executionId).rawId(taskId).finish();
    }
}
