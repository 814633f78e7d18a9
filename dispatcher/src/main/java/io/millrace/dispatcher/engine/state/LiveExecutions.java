package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The executions of a partition that are in memory, and what of them is still to be written. Closed ones are written
 * before others, and leave memory when closed ones have been written twice more. What leaves the partition is deleted bit by bit. {@link #view}, {@link #count} and {@link #bytes} on any thread, all
 * else on the partition's.
 */
final class LiveExecutions {

    private final PartitionRecord partition;
    private final ExecutionStore stored;
    private final TaskStore tasks;
    private final Residents residents;
    private final Changes changes;
    private final Set<Execution> dirty = new LinkedHashSet<>();
    /** What left since the last flush, and as what it may be stored. Any thread may ask for one. */
    private final Map<UUID, Header> left = new ConcurrentSkipListMap<>();

    /** Closed ones that were written last, and those of the time before. */
    private List<Execution> writtenClosed = new ArrayList<>();

    private List<Execution> leaving = new ArrayList<>();
    private long flushes;
    private long unflushedBytes;
    /** An id last looked for in vain: a start asks for its own several times, and looking for nothing is dear. */
    private @Nullable UUID absent;

    LiveExecutions(
            PartitionRecord partition, ExecutionStore stored, TaskStore tasks, Residents residents, Changes changes) {
        this.partition = partition;
        this.stored = stored;
        this.tasks = tasks;
        this.residents = residents;
        this.changes = changes;
    }

    /** @return the execution, which stays in memory for now; null where there is none */
    @Nullable
    Execution get(UUID executionId) {
        Execution execution = residents.get(executionId);
        if (execution == null && !executionId.equals(absent) && !left.containsKey(executionId)) {
            execution = stored.load(executionId);
            if (execution == null) {
                absent = executionId;
            } else {
                residents.put(execution);
            }
        }
        if (execution != null) {
            execution.touchedFlush = flushes;
        }
        return execution;
    }

    /** @return the task, which stays in memory with its execution; null where there is none */
    @Nullable
    Task task(UUID executionId, UUID taskId) {
        Execution execution = get(executionId);
        if (execution == null) {
            return null;
        }
        Task task = execution.tasks.get(taskId);
        if (task == null && !execution.tasksComplete && !left.containsKey(executionId)) {
            task = tasks.read(execution.header().orgId(), executionId, taskId);
            if (task != null) {
                execution.tasks.put(taskId, task);
            }
        }
        return task;
    }

    /** @return the execution for reading; null where there is none */
    @Nullable
    Execution view(UUID executionId) {
        Execution execution = residents.get(executionId);
        // What left may be stored still, as it was some time before.
        return execution != null || left.containsKey(executionId) ? execution : stored.load(executionId);
    }

    void create(Execution execution) {
        execution.headerDirty = true;
        execution.touchedFlush = flushes;
        execution.tasksComplete = true;
        absent = null;
        residents.put(execution);
        touch(execution);
    }

    void touch(Execution execution) {
        execution.coreDirty = true;
        execution.mayStandApart = partition.rules() >= Rules.PARTS_APART;
        execution.touchedFlush = flushes;
        dirty.add(execution);
    }

    void touchTask(Execution execution, Task task) {
        execution.tasks.put(task.id, task);
        execution.dirtyTasks.add(task.id);
        touch(execution);
    }

    void appendHistory(Execution execution, SealedEvent event) {
        HistoryNode node = new HistoryNode(event, execution.tail);
        execution.tail = node;
        execution.unflushedHistory.add(node);
        unflushedBytes += event.data().length;
    }

    /** The execution leaves the partition. */
    void leaves(Execution execution) {
        residents.remove(execution);
        dirty.remove(execution);
        // Only the first of an id can be stored: what came after it was not, because the id was among these already.
        left.putIfAbsent(execution.id(), execution.header());
    }

    /** Writes what has changed. */
    void flush() {
        flushes++;
        flushClosed();
        dirty.forEach(this::flush);
        dirty.clear();
    }

    /** Lets go of what need not stay in memory, after a flush. */
    void shrink() {
        residents.shrink(flushes);
        unflushedBytes = 0;
    }

    private void flush(Execution execution) {
        changes.begin(execution.id());
        stored.write(execution);
        changes.end();
        residents.measure(execution);
    }

    /** Writes closed ones, and lets those go that were written the time before last. */
    void flushClosed() {
        letClosedGo();
        for (Iterator<Execution> all = dirty.iterator(); all.hasNext(); ) {
            Execution execution = all.next();
            if (execution.closedMs() > 0 && !left.containsKey(execution.id())) {
                flush(execution);
                writtenClosed.add(execution);
                all.remove();
            }
        }
    }

    /** By then whoever waited for the end has read it. Others read it from the store: in memory there would be one of each second. */
    private void letClosedGo() {
        for (Execution execution : leaving) {
            if (!dirty.contains(execution)) {
                residents.remove(execution);
            }
        }
        leaving = writtenClosed;
        writtenClosed = new ArrayList<>();
    }

    /** @return how many records were deleted of what has left, so many at the most */
    int deleteLeft(int records) {
        int more = records;
        for (Iterator<Header> all = left.values().iterator(); all.hasNext() && more > 0; ) {
            Header header = all.next();
            changes.begin(header.id());
            int deleted = stored.delete(header, more);
            changes.end();
            if (deleted < more) {
                all.remove();
            }
            more -= deleted;
        }
        return records - more;
    }

    int left() {
        return left.size();
    }

    int count() {
        return residents.count();
    }

    long bytes() {
        return residents.bytes();
    }

    long unflushedBytes() {
        return unflushedBytes;
    }
}
