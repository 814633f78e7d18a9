package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A workflow execution as it stands, or the home of a standalone task. Changed by appliers only (their package alone sees
 * the setters), on the partition's thread. Other threads may read what is documented so, by the order of {@link Changes}; they
 * see a state no older than the last answer given.
 */
public final class Execution {

    private static final long BYTES_OF_EXECUTION = 1_500;
    private static final int BYTES_OF_PART = 200;
    private static final int BYTES_OF_EVENT = 250;

    private final Header header;

    volatile Status status = Status.PENDING;
    volatile int lastSequence;
    volatile long historyBytes;
    long chainSequence;
    byte[] chainHash = new byte[32];

    @Nullable
    UUID claimId;

    volatile String workerId = "";
    /** Who alone may report it; null: anybody may, or nobody has it. */
    volatile @Nullable Holder holder;

    /** When it was claimed, if it belongs to a trace; 0: it does not, or nobody has it. */
    long claimedMs;

    long leaseUntilMs;
    /** Length of the lease as it was given; 0 under rules before those that ask for it. */
    long leaseMs;
    /** Length of the lease as the server moved it; 0: it did not; negative: it only let the lease go on for so long. */
    long graceMs;

    volatile int deliveries;
    int maxDeliveries;
    int shownSequence;
    int lastExternalSequence;
    long taskTimeMs;
    int staleRounds;
    int refusedRounds;
    /** Delivery whose submission was refused last. */
    int refusedDelivery;

    @Nullable
    String refusal;

    long retryAtMs;
    int signals;
    /** When it is cancelled by force; 0: nobody asked it to cancel. */
    volatile long cancelAtMs;

    String cancelReason = "";
    /** Since when it is paused; 0: it is not. */
    volatile long pausedMs;

    String pausedBy = "";
    String pauseReason = "";
    /** The run that goes on from this one. */
    volatile @Nullable UUID successorId;

    volatile String terminatedBy = "";
    int annotations;
    volatile long closedMs;
    volatile @Nullable Payload output;
    volatile @Nullable String error;

    @Nullable
    ReadyItem readyItem;

    /** When each is due; 0: it is not armed any more, and never will be. */
    final Parts<String, Long> timers = new Parts<>(
            dueMs -> dueMs == 0,
            (out, timer) -> out.text(timer.getKey()).i64(timer.getValue()),
            in -> Map.entry(in.text(), in.i64()));

    final Parts<String, Promise> promises =
            new Parts<>(Promise::settled, (out, promise) -> promise.getValue().write(out), in -> {
                Promise promise = Promise.read(in);
                return Map.entry(promise.name(), promise);
            });

    final Parts<UUID, Child> children =
            new Parts<>(Child::closed, (out, child) -> child.getValue().write(out), in -> {
                Child child = Child.read(in);
                return Map.entry(child.id(), child);
            });

    final Set<UUID> openTasks = new LinkedHashSet<>();
    final Map<String, Payload> values = new ConcurrentHashMap<>();
    final Map<UUID, Task> tasks = new ConcurrentHashMap<>();
    volatile @Nullable HistoryNode tail;
    /** First sequence of the history's page that is not full. */
    int historyPage = 1;

    /** Since when it stood ready when it was claimed last. Not state: whoever watches asks for it right after that. */
    long claimedFromMs;

    // Bookkeeping of the write-behind, not state.
    /** Whether some of its timers, promises or children stand apart, and are still to be taken in. */
    boolean storedApart;

    /** Whether what is over of them may stand apart, by the rules under which it changed last. */
    boolean mayStandApart;

    boolean headerDirty;
    boolean coreDirty;
    final Set<String> dirtyValues = new TreeSet<>();
    final Set<UUID> dirtyTasks = new LinkedHashSet<>();
    final List<HistoryNode> unflushedHistory = new ArrayList<>();
    long touchedFlush;
    /** What it was counted as among the residents, bytes. */
    long measuredBytes;
    /** Whether {@link #tasks} has all of them, so that a task which is not there need not be looked for in the storage. */
    boolean tasksComplete;

    Execution(Header header) {
        this.header = header;
    }

    /** @return how it stands, for readers: a copy of all that is not a collection, and the history that is in memory */
    Execution standing() {
        Execution copy = new Execution(header);
        copy.takeStanding(this);
        copy.lastSequence = lastSequence;
        copy.historyBytes = historyBytes;
        copy.cancelAtMs = cancelAtMs;
        copy.cancelReason = cancelReason;
        copy.terminatedBy = terminatedBy;
        copy.tail = tail;
        return copy;
    }

    /** Takes over what its history does not tell: who has it, and since when it stands as it does. */
    void takeStanding(Execution other) {
        status = other.status;
        claimId = other.claimId;
        workerId = other.workerId;
        holder = other.holder;
        leaseUntilMs = other.leaseUntilMs;
        graceMs = other.graceMs;
        deliveries = other.deliveries;
        maxDeliveries = other.maxDeliveries;
        staleRounds = other.staleRounds;
        refusedRounds = other.refusedRounds;
        refusal = other.refusal;
        retryAtMs = other.retryAtMs;
        readyItem = other.readyItem;
        signals = other.signals;
        chainSequence = other.chainSequence;
        closedMs = other.closedMs;
        output = other.output;
        error = other.error;
        successorId = other.successorId;
        pausedMs = other.pausedMs;
        pausedBy = other.pausedBy;
        pauseReason = other.pauseReason;
    }

    /** @return what it was created with; any thread */
    public Header header() {
        return header;
    }

    /** @return its id; any thread */
    public UUID id() {
        return header.id();
    }

    /** @return where it stands; any thread */
    public Status status() {
        return status;
    }

    /** @return number of history events; any thread */
    public int lastSequence() {
        return lastSequence;
    }

    /** @return bytes of event data in the history; any thread */
    public long historyBytes() {
        return historyBytes;
    }

    /** @return the claim that holds it, null when it is not running */
    public @Nullable UUID claimId() {
        return claimId;
    }

    /** @return the worker that holds it, empty when none does; any thread */
    public String workerId() {
        return workerId;
    }

    /** @return who alone may report it; null: anybody may, or nobody has it; any thread */
    public @Nullable Holder holder() {
        return holder;
    }

    /** @return end of the running claim's lease */
    public long leaseUntilMs() {
        return leaseUntilMs;
    }

    /** @return length of the running claim's lease as it was given, 0 where that is not known */
    public long leaseMs() {
        return leaseMs;
    }

    /** @return length of the running claim's lease as the server moved it; 0: it did not; negative: it only let it go on for so long */
    public long graceMs() {
        return graceMs;
    }

    /** @return deliveries in a row without a submission; any thread */
    public int deliveries() {
        return deliveries;
    }

    /** @return deliveries allowed by the running claim */
    public int maxDeliveries() {
        return maxDeliveries;
    }

    /** @return last history sequence that the running claim's worker could see for sure */
    public int shownSequence() {
        return shownSequence;
    }

    /** @return last history sequence that came from outside */
    public int lastExternalSequence() {
        return lastExternalSequence;
    }

    /** @return clock of the present or coming activation */
    public long taskTimeMs() {
        return taskTimeMs;
    }

    /** @return submissions in a row that were discarded as stale */
    public int staleRounds() {
        return staleRounds;
    }

    /** @return deliveries in a row whose submissions were refused before they were one */
    public int refusedRounds() {
        return refusedRounds;
    }

    /** @return why the last of them was refused, or null */
    public @Nullable String refusal() {
        return refusal;
    }

    /** @return whether a submission of the present delivery was refused already; partition's thread only */
    public boolean refusedInThisDelivery() {
        return refusedRounds > 0 && refusedDelivery == deliveries;
    }

    /** @return when it is cancelled by force if it has not ended, 0 where nobody asked it to cancel; any thread */
    public long cancelAtMs() {
        return cancelAtMs;
    }

    /** @return whether nothing of it is handed out; any thread */
    public boolean paused() {
        return pausedMs != 0;
    }

    /** @return since when it is paused, milliseconds since the epoch; 0: it is not; any thread */
    public long pausedMs() {
        return pausedMs;
    }

    /** @return who paused it, empty where nobody did */
    public String pausedBy() {
        return pausedBy;
    }

    /** @return why it is paused, empty where nobody said */
    public String pauseReason() {
        return pauseReason;
    }

    /** @return the run that goes on from this one, or null; any thread */
    public @Nullable UUID successorId() {
        return successorId;
    }

    /** @return who ended it without asking it, empty where nobody did; any thread */
    public String terminatedBy() {
        return terminatedBy;
    }

    /** @return why it is to be cancelled, empty where it is not */
    public String cancelReason() {
        return cancelReason;
    }

    /** @return number of notes of people about it; partition's thread only */
    public int annotations() {
        return annotations;
    }

    /**
     * @return since when it stood ready when it was claimed last, milliseconds since the epoch, right after the command that
     *     claimed it; partition's thread only
     */
    public long claimedFromMs() {
        return claimedFromMs;
    }

    /** @return number of signals received */
    public int signals() {
        return signals;
    }

    /** @return when it closed, 0 while it is open; any thread */
    public long closedMs() {
        return closedMs;
    }

    /** @return its result, null unless completed; any thread */
    public @Nullable Payload output() {
        return output;
    }

    /** @return its error or reason of cancellation, null unless failed or cancelled; any thread */
    public @Nullable String error() {
        return error;
    }

    /** @return whether a timer of the id was ever started */
    public boolean knowsTimer(String timerId) {
        return timers.get(timerId) != null;
    }

    /** @return whether the timer is armed */
    public boolean timerArmed(String timerId) {
        Long dueMs = timers.get(timerId);
        return dueMs != null && dueMs != 0;
    }

    /** @return when each timer that was ever started is due, milliseconds since the epoch; 0: it is not armed */
    public Map<String, Long> timers() {
        return timers.view();
    }

    /** @return when it is handed out again after a discarded submission, milliseconds since the epoch; 0: nothing holds it back */
    public long retryAtMs() {
        return retryAtMs;
    }

    /** @return since when it stands in its queue, milliseconds since the epoch; 0: it does not */
    public long readySinceMs() {
        ReadyItem item = readyItem;
        return item == null ? 0 : item.sinceMs();
    }

    /** @return all promises, oldest first */
    public Collection<Promise> promises() {
        return promises.view().values();
    }

    /** @return the promise of the name, or null */
    public @Nullable Promise promise(String name) {
        return promises.get(name);
    }

    /** @return the promise of the id, or null */
    public @Nullable Promise promise(UUID promiseId) {
        for (Promise promise : promises.view().values()) {
            if (promise.id().equals(promiseId)) {
                return promise;
            }
        }
        return null;
    }

    /** @return the child of the id, or null */
    public @Nullable Child child(UUID childId) {
        return children.get(childId);
    }

    /** @return all children, oldest first */
    public Collection<Child> children() {
        return children.view().values();
    }

    /** @return ids of tasks that have not ended, oldest first */
    public Set<UUID> openTasks() {
        return Collections.unmodifiableSet(openTasks);
    }

    /** @return of a copy with its open tasks, one of them; null for all others */
    public @Nullable Task openTask(UUID taskId) {
        return tasks.get(taskId);
    }

    /** @return of a copy with its open tasks, the queues of them */
    public Stream<String> openTaskQueues() {
        return tasks.values().stream().map(Task::queue);
    }

    /** @return the queryable state, JSON by key; any thread */
    public Map<String, Payload> values() {
        return Collections.unmodifiableMap(values);
    }

    /** @return whether it stands in its queue */
    public boolean ready() {
        return readyItem != null;
    }

    /** @return number and hash of the last event of its chain: what the next one is chained to */
    public byte[] chainHash() {
        return chainHash;
    }

    /** @return number of events in its chain */
    public long chainSequence() {
        return chainSequence;
    }

    /**
     * @return what it takes in memory, about: its parts with their payloads, and the part of the history that is held. Objects
     *     are counted with what they took on a 64-bit machine
     */
    long memoryBytes() {
        long bytes = BYTES_OF_EXECUTION
                + header.input().size()
                + header.traceparent().length()
                + size(output)
                + (error == null ? 0 : error.length());
        for (Map.Entry<String, String> entry : header.work().metadata().entrySet()) {
            bytes += BYTES_OF_PART + entry.getKey().length() + entry.getValue().length();
        }
        for (Payload value : values.values()) {
            bytes += BYTES_OF_PART + value.size();
        }
        for (Task task : tasks.values()) {
            bytes += task.memoryBytes();
        }
        bytes += BYTES_OF_PART * (long) (timers.size() + promises.size() + children.size() + openTasks.size());
        for (HistoryNode node = tail; node != null; node = node.earlier()) {
            bytes += BYTES_OF_EVENT + node.event().data().length;
        }
        return bytes;
    }

    private static int size(@Nullable Payload payload) {
        return payload == null ? 0 : payload.size();
    }

    /** @return whether some timers, promises or children stand apart in the store, since they are over */
    boolean partsApart() {
        return timers.apart() || promises.apart() || children.apart();
    }

    /** @return among which of those that are handed out in turn it stands ready; empty: in no group, or it is not ready */
    String group() {
        return readyItem == null ? "" : readyItem.group();
    }
}
