package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.Rules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.store.Buckets;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.HistoryForm;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of one partition: a write-behind cache of live objects over {@link Storage}. Changes gather in memory and reach
 * the storage in {@link #flush}. So an execution that starts and ends between two commits costs one write of each of its
 * records, and its leases and queue places cost none. Contents of the storage after a flush depend on the commands alone,
 * never on when flushes happened.
 *
 * <p>Everything runs on the partition's thread, but for {@link #view}, {@link #viewTask}, {@link #taskHome}, {@link #key},
 * {@link #promiseHome(UUID)} and {@link #history}.
 */
public final class PartitionState implements State {

    private static final byte[] PARTITION_KEY = {0};
    private static final long NONE = -1;
    /** Of the partition's own record. */
    private static final int FORM = 7;
    /** Before this one leases stood among all that is due. */
    private static final int FORM_OF_LEASES = 5;

    private static final int FORM_OF_OLD_RULES = 3;
    private static final int WAITING_IN_MEMORY = 20_000;
    private static final byte CORE = 0;
    private static final byte HEADER = 1;
    private static final byte VALUE = 2;
    private static final int ID_AND_PART = 17;
    /** Histories with more events than this are not kept in memory once they are stored. */
    private static final int HISTORY_IN_MEMORY = 512;
    /** Nor are those that are larger. */
    private static final int HISTORY_BYTES_IN_MEMORY = 256 * 1024;

    private final Storage storage;
    private final TaskStore tasks;
    private final Buckets closed;
    private final Buckets expiring;
    private final Residents residents;
    private final Set<Execution> dirty = new LinkedHashSet<>();
    /** Empty: bound no more. */
    private final Map<KeyId, Optional<KeyBinding>> dirtyKeys = new ConcurrentHashMap<>();

    private final ReadyIndex ready;
    private final DueIndex dues;
    /** What left since the last flush, and as what it may be stored. */
    private final Map<UUID, Header> evicted = new LinkedHashMap<>();

    private final Map<UUID, Optional<UUID>> unflushedPromises = new ConcurrentHashMap<>();
    private final List<Execution> leaving = new ArrayList<>();
    private long flushes;
    private long unflushedBytes;
    /** An id last looked for in vain: a start asks for its own several times, and looking for nothing is dear. */
    private @Nullable UUID absent;

    private final PartitionTime time;
    long partitionChainSequence;
    byte[] partitionChainHash = new byte[32];
    byte[] outcomesHash = new byte[32];
    private long offset = NONE;
    private boolean knowsOffset = true;
    private @Nullable UUID lastCommandId;
    private int rules = Rules.OLDEST;
    private @Nullable UUID tenureId;
    private String tenureNode = "";
    private long tenureBeganMs;
    private long ownedUntilMs;
    /** Time of the command before the present one. */
    private long earlierMs;

    private record KeyId(KeyUse use, UUID orgId, String key) {}

    /**
     * Opens the state that rests in the storage.
     *
     * @param memoryBytes what executions may take in memory, beyond those that wait to be flushed
     */
    public PartitionState(Storage storage, long memoryBytes) {
        this(storage, () -> memoryBytes, WAITING_IN_MEMORY);
    }

    /**
     * Opens the state that rests in the storage.
     *
     * @param memoryBytes the same, asked at each flush
     */
    public PartitionState(Storage storage, LongSupplier memoryBytes) {
        this(storage, memoryBytes, WAITING_IN_MEMORY);
    }

    /**
     * Opens the state that rests in the storage.
     *
     * @param waitingInMemory about how many things may wait in memory: of those that are to happen at a time, and of
     *     the ready work of each kind in each queue. The rest waits in the storage
     */
    public PartitionState(Storage storage, LongSupplier memoryBytes, int waitingInMemory) {
        this.storage = storage;
        this.tasks = new TaskStore(storage);
        this.closed = new Buckets(storage, Table.CLOSED);
        this.expiring = new Buckets(storage, Table.EXPIRIES);
        this.residents = new Residents(memoryBytes);
        byte[] meta = storage.get(Table.PARTITION, PARTITION_KEY);
        int form = meta == null ? FORM : meta[0];
        time = meta == null
                ? new PartitionTime(0, PartitionTime.NONE)
                : DamagedRecordException.guard(Table.PARTITION, PARTITION_KEY, () -> readPartition(meta));
        ready = new ReadyIndex(storage, waitingInMemory);
        dues = new DueIndex(storage, waitingInMemory, form < FORM_OF_LEASES);
        Map<UUID, UUID> organisations = new HashMap<>();
        for (Due lease : dues.leases()) {
            hold(lease, organisations);
        }
    }

    private PartitionTime readPartition(byte[] meta) {
        Bytes in = Bytes.reader(meta);
        int version = in.u8();
        if (version < 1 || version > FORM) {
            Versions.expect(version, FORM, "partition");
        }
        long timeMs = in.i64();
        partitionChainSequence = in.i64();
        partitionChainHash = in.blob();
        outcomesHash = in.blob();
        knowsOffset = version > 1;
        offset = knowsOffset ? in.i64() : NONE;
        if (version > 2) {
            rules = in.i32();
            tenureId = in.id();
            tenureNode = in.text();
        }
        long appendedMs = version > 3 ? in.i64() : PartitionTime.NONE;
        if (version > 5) {
            tenureBeganMs = in.i64();
            ownedUntilMs = in.i64();
        }
        lastCommandId = version > 6 ? in.id() : null;
        return new PartitionTime(timeMs, appendedMs);
    }

    /** A lease of nothing has no holder; it is passed over when it falls due. */
    private void hold(Due lease, Map<UUID, UUID> organisations) {
        if (lease.type() == Due.Type.WORKFLOW_LEASE) {
            Execution execution = view(lease.executionId());
            if (execution != null) {
                dues.held(lease, execution.header().orgId(), execution.workerId);
            }
            return;
        }
        UUID orgId = organisations.computeIfAbsent(lease.executionId(), this::organisation);
        Task task = orgId == null ? null : tasks.read(orgId, lease.executionId(), UUID.fromString(lease.reference()));
        if (task != null) {
            dues.held(lease, orgId, task.workerId);
        }
    }

    @Override
    public long timeMs() {
        return time.ms();
    }

    /** @return whether the partition's clock has run ahead of the broker's, and so goes on at half its speed */
    public boolean timeAhead() {
        return time.ahead();
    }

    /** Moves the partition's clock to where the command puts it; it never runs backwards. */
    public void advanceTime(CommandMeta meta) {
        earlierMs = time.ms();
        time.advance(meta, rules);
    }

    /** What is applied next was decided at this time, by these rules. */
    void at(long recordedMs, int recordedRules) {
        earlierMs = time.ms();
        time.set(recordedMs);
        rules = recordedRules;
    }

    /** @return keys of the things in a bucket that is due, so many at the most; none for what is due by itself */
    public List<byte[]> bucket(Due due, int limit) {
        Buckets buckets = buckets(due);
        return buckets == null ? List.of() : buckets.first(due.atMs(), limit);
    }

    /**
     * What was due has been seen to; nothing may come due twice, even if it changed nothing. Buckets empty piece by piece.
     *
     * @param seenTo what of its bucket was seen to
     */
    public void settled(Due due, List<byte[]> seenTo) {
        seenTo.forEach(key -> Objects.requireNonNull(buckets(due), "buckets").remove(due.atMs(), key));
        if (bucket(due, 1).isEmpty()) {
            dues.remove(due);
        }
    }

    /** @return what is due now, soonest first, so many at the most; one for a bucket that has nothing left */
    public List<DueItem> dueItems(int limit) {
        List<DueItem> items = new ArrayList<>();
        for (Due due : dues.until(timeMs(), limit)) {
            bucket(due, limit - items.size()).forEach(key -> items.add(new DueItem(due, Optional.of(key))));
            if (bucket(due, 1).isEmpty()) {
                items.add(new DueItem(due, Optional.empty()));
            }
            if (items.size() >= limit) {
                break;
            }
        }
        return items;
    }

    /** @return false of what has been disarmed meanwhile */
    public boolean stillDue(DueItem item) {
        Buckets buckets = buckets(item.due());
        return dues.has(item.due())
                && item.key()
                        .map(key -> Objects.requireNonNull(buckets, "buckets")
                                .has(item.due().atMs(), key))
                        .orElse(true);
    }

    /** @return whom a thing that is due belongs to; nobody for one that is about nothing that is here */
    public Optional<UUID> organisation(DueItem item) {
        Due due = item.due();
        return switch (due.type()) {
            // Those of before there were buckets name the organisation in the execution's place.
            case WORKFLOW_KEY_EXPIRY, TASK_KEY_EXPIRY, PROMISE_KEY_EXPIRY -> Optional.of(due.executionId());
            case KEY_EXPIRY -> item.key().map(this::expiring).map(KeyBinding::orgId);
            case RETENTION -> item.key().map(this::closed).flatMap(this::owner);
            case WORKFLOW_LEASE, WORKFLOW_RETRY, TIMER, PROMISE_TIMEOUT, TASK_READY, TASK_LEASE, TASK_DEADLINE ->
                owner(due.executionId());
        };
    }

    private Optional<UUID> owner(UUID executionId) {
        return Optional.ofNullable(execution(executionId))
                .map(execution -> execution.header().orgId());
    }

    private @Nullable Buckets buckets(Due due) {
        return switch (due.type()) {
            case RETENTION -> closed;
            case KEY_EXPIRY -> expiring;
            default -> null; // due by itself
        };
    }

    /** What was due cannot happen, and must not keep the rest from happening. */
    public void dropped(Due due) {
        dues.remove(due);
    }

    /** @return place in the log of the last command whose outcome is in the state, -1 before the first */
    public long offset() {
        return offset;
    }

    /** @return false of a state from before offsets were kept, until a command is carried out on it */
    public boolean knowsOffset() {
        return knowsOffset;
    }

    /** @return id of that command, zeroes if it had none that could be read; null before the first, and where it was not kept */
    public @Nullable UUID lastCommandId() {
        return lastCommandId;
    }

    /** Notes which command was carried out last. */
    public void carriedOut(long ofLastCommand, UUID commandId) {
        offset = ofLastCommand;
        lastCommandId = commandId;
        knowsOffset = true;
    }

    @Override
    public int rules() {
        return rules;
    }

    /** Sets the version of the rules in force. */
    void rules(int version) {
        rules = version;
    }

    @Override
    public @Nullable UUID tenureId() {
        return tenureId;
    }

    /** @return node of the tenure that began last, empty where none did or it ended in order */
    public String tenureNode() {
        return tenureNode;
    }

    /**
     * Notes who owns the partition; null: the last owner stopped in order. Commands come while nobody owns it too, so the last of
     * them says little of how long somebody did; where the new owner tells nothing it has to do.
     */
    void tenure(@Nullable UUID id, String node, long ownedBeforeUntilMs) {
        tenureId = id;
        tenureNode = node;
        if (id != null && rules >= Rules.SERVER_LOSSES) {
            tenureBeganMs = time.ms();
            ownedUntilMs = ownedBeforeUntilMs > 0 ? Math.min(ownedBeforeUntilMs, earlierMs) : earlierMs;
        }
    }

    @Override
    public long tenureBeganMs() {
        return tenureBeganMs;
    }

    @Override
    public long ownedUntilMs() {
        return ownedUntilMs;
    }

    /** @return running hash over all outcomes of the partition */
    public byte[] outcomesHash() {
        return outcomesHash;
    }

    /** Sets the running hash; the array must not change afterwards. */
    public void outcomesHash(byte[] hash) {
        outcomesHash = hash;
    }

    @Override
    public @Nullable Execution execution(UUID executionId) {
        Execution execution = residents.get(executionId);
        if (execution == null && !executionId.equals(absent) && !evicted.containsKey(executionId)) {
            execution = load(executionId);
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

    @Override
    public @Nullable Task task(UUID executionId, UUID taskId) {
        Execution execution = execution(executionId);
        if (execution == null) {
            return null;
        }
        Task task = execution.tasks.get(taskId);
        if (task == null && !execution.tasksComplete && !evicted.containsKey(executionId)) {
            task = tasks.read(execution.header().orgId(), executionId, taskId);
            if (task != null) {
                execution.tasks.put(taskId, task);
            }
        }
        return task;
    }

    /** On any thread. */
    @Override
    public @Nullable KeyBinding key(KeyUse use, UUID orgId, String key) {
        Optional<KeyBinding> changed = dirtyKeys.get(new KeyId(use, orgId, key));
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] storeKey = KeyBinding.storeKey(use, orgId, key);
        byte[] stored = storage.get(Table.KEYS, storeKey);
        return stored == null
                ? null
                : DamagedRecordException.guard(Table.KEYS, storeKey, () -> KeyBinding.decode(stored));
    }

    @Override
    public ReadyIndex ready() {
        return ready;
    }

    @Override
    public DueIndex dues() {
        return dues;
    }

    /** On any thread. */
    @Override
    public @Nullable UUID promiseHome(UUID promiseId) {
        Optional<UUID> changed = unflushedPromises.get(promiseId);
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] stored =
                storage.get(Table.PROMISES, Bytes.writer().rawId(promiseId).finish());
        return stored == null ? null : Bytes.reader(stored).rawId();
    }

    /** Notes where a promise lives; null: nowhere any more. */
    void promiseHome(UUID promiseId, @Nullable UUID executionId) {
        unflushedPromises.put(promiseId, Optional.ofNullable(executionId));
    }

    @Override
    public UUID closed(byte[] key) {
        return Bytes.reader(key).rawId();
    }

    @Override
    public @Nullable KeyBinding expiring(byte[] key) {
        Bytes in = Bytes.reader(key);
        return key(KeyUse.values()[in.u8()], in.rawId(), in.text());
    }

    /** In the order of the leases. */
    @Override
    public List<HeldClaim> heldBy(UUID orgId, String workerId) {
        return dues.leases(orgId, workerId).stream().map(this::held).toList();
    }

    private HeldClaim held(Due lease) {
        UUID executionId = lease.executionId();
        if (lease.type() == Due.Type.WORKFLOW_LEASE) {
            return new HeldClaim(executionId, null, ofClaim(present(executionId).claimId));
        }
        Task task = present(executionId, UUID.fromString(lease.reference()));
        return new HeldClaim(executionId, task.id, ofClaim(task.claimId));
    }

    private static UUID ofClaim(@Nullable UUID claimId) {
        return Objects.requireNonNull(claimId, "claim of a lease that runs");
    }

    /** @return the execution for reading, on any thread; null where there is none */
    public @Nullable Execution view(UUID executionId) {
        Execution execution = residents.get(executionId);
        return execution != null ? execution : load(executionId);
    }

    /** Shows all executions that are stored, for reading: after a flush those are all. On the partition's thread. */
    public void executions(Consumer<Execution> visitor) {
        storage.scan(Table.EXECUTIONS, new byte[0], (key, value) -> {
            if (key.length == ID_AND_PART && key[ID_AND_PART - 1] == CORE) {
                visitor.accept(Objects.requireNonNull(view(Bytes.reader(key).rawId()), "execution that is stored"));
            }
            return true;
        });
    }

    /** @return the task of the execution for reading, on any thread; null where there is none */
    public @Nullable Task viewTask(Execution home, UUID taskId) {
        Task task = home.tasks.get(taskId);
        return task != null ? task : tasks.read(home.header().orgId(), home.id(), taskId);
    }

    /** @return the execution of the organisation that the task belongs to, or null; no walk; any thread */
    public @Nullable UUID taskHome(UUID orgId, UUID taskId) {
        return tasks.home(orgId, taskId, this::organisation);
    }

    private @Nullable UUID organisation(UUID executionId) {
        Execution execution = view(executionId);
        return execution == null ? null : execution.header().orgId();
    }

    /** @return the whole history, ascending and without gaps; any thread */
    public List<SealedEvent> history(Execution execution) {
        return history(execution, 0);
    }

    /** @return the history behind the sequence, ascending and without gaps; any thread */
    public List<SealedEvent> history(Execution execution, int after) {
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
            storage.scan(
                    Table.HISTORY,
                    HistoryForm.prefix(execution.id()),
                    (key, value) -> DamagedRecordException.guard(Table.HISTORY, key, () -> {
                        HistoryForm.read(key, value, event -> {
                            if (event.historySequence() > after && event.historySequence() <= last) {
                                events[event.historySequence() - after - 1] = event;
                            }
                        });
                        return true;
                    }));
        }
        // An event that is being appended at this moment may be counted already and not be linked yet.
        int complete = 0;
        while (complete < events.length && events[complete] != null) {
            complete++;
        }
        return Arrays.asList(events).subList(0, complete);
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
        execution.touchedFlush = flushes;
        dirty.add(execution);
    }

    void createTask(Execution execution, Task task) {
        tasks.created(execution.header().orgId(), task);
        touchTask(execution, task);
    }

    void touchTask(Execution execution, Task task) {
        execution.tasks.put(task.id, task);
        execution.dirtyTasks.add(task.id);
        touch(execution);
    }

    void bind(KeyBinding binding) {
        KeyBinding earlier = key(binding.use(), binding.orgId(), binding.key());
        if (earlier != null) {
            disarm(earlier);
        }
        dirtyKeys.put(new KeyId(binding.use(), binding.orgId(), binding.key()), Optional.of(binding));
        expiring.add(binding.bucketMs(), binding.storeKey());
        dues.add(Due.keyExpiry(binding.bucketMs()));
    }

    void release(KeyUse use, UUID orgId, String key) {
        KeyBinding binding = key(use, orgId, key);
        if (binding != null) {
            disarm(binding);
            dirtyKeys.put(new KeyId(use, orgId, key), Optional.empty());
        }
    }

    private void disarm(KeyBinding binding) {
        expiring.remove(binding.bucketMs(), binding.storeKey());
        binding.due().ifPresent(dues::remove); // of a binding from before there were buckets
    }

    void free(KeyUse use, UUID orgId, String key) {
        dirtyKeys.put(
                new KeyId(use, orgId, key), Optional.of(present(use, orgId, key).free()));
    }

    void appendHistory(Execution execution, SealedEvent event) {
        HistoryNode node = new HistoryNode(event, execution.tail);
        execution.tail = node;
        execution.unflushedHistory.add(node);
        unflushedBytes += event.data().length;
    }

    /** Notes that the execution leaves the stores when its retention is over; buckets keep that out of memory. */
    void retain(Execution execution) {
        long bucketMs = retentionBucket(execution);
        closed.add(bucketMs, Bytes.writer().rawId(execution.id()).finish());
        dues.add(Due.retention(bucketMs));
    }

    void evict(Execution execution) {
        long bucketMs = retentionBucket(execution);
        closed.remove(bucketMs, Bytes.writer().rawId(execution.id()).finish());
        execution.promises.values().forEach(promise -> promiseHome(promise.id(), null));
        execution
                .tasks
                .values()
                .forEach(task -> tasks.discarded(execution.header().orgId(), task));
        residents.remove(execution);
        dirty.remove(execution);
        // Only the first of an id can be stored: what came after it was not, because the id was among these already.
        evicted.putIfAbsent(execution.id(), execution.header());
    }

    private static long retentionBucket(Execution execution) {
        long untilMs = execution.closedMs + execution.header().retentionMs();
        return Buckets.bucketMs(untilMs, Due.RETENTION_BUCKET_MS);
    }

    private @Nullable Execution load(UUID executionId) {
        byte[] coreKey = executionKey(executionId, CORE);
        byte[] core = storage.get(Table.EXECUTIONS, coreKey);
        if (core == null) {
            return null;
        }
        Execution execution = DamagedRecordException.guard(
                Table.EXECUTIONS,
                coreKey,
                () -> Execution.decode(core, () -> storage.get(Table.EXECUTIONS, executionKey(executionId, HEADER))));
        byte[] prefix = executionKey(executionId, VALUE);
        storage.scan(Table.EXECUTIONS, prefix, (key, value) -> {
            String name = new String(key, prefix.length, key.length - prefix.length, StandardCharsets.UTF_8);
            execution.values.put(name, new Payload(value));
            return true;
        });
        return execution;
    }

    /** Writes everything that changed since the last flush to the storage, and lets go of what need not stay in memory. */
    public void flush() {
        flushes++;
        storePartition();
        // First what left: an id may have come back since, as a new execution.
        flushEvicted(Integer.MAX_VALUE);
        letClosedGo();
        flushClosed();
        dirty.forEach(this::flush);
        dirty.clear();
        tasks.flushed();
        dirtyKeys.forEach((id, binding) -> storage.put(
                Table.KEYS,
                KeyBinding.storeKey(id.use(), id.orgId(), id.key()),
                binding.map(KeyBinding::encode).orElse(null)));
        dirtyKeys.clear();
        ready.flush(oneClock());
        dues.flush(oneClock());
        closed.flush();
        expiring.flush();
        unflushedPromises.forEach((promiseId, home) -> storage.put(
                Table.PROMISES,
                Bytes.writer().rawId(promiseId).finish(),
                home.map(id -> Bytes.writer().rawId(id).finish()).orElse(null)));
        unflushedPromises.clear();
        residents.shrink(flushes);
        unflushedBytes = 0;
    }

    private boolean oneClock() {
        return rules >= Rules.ONE_CLOCK;
    }

    /** Writes the one small record that every flush writes; worth while where a first write costs a round trip of its own. */
    public void storePartition() {
        // Until the rules are raised a node of the version before may take over.
        Bytes form = Bytes.writer()
                .u8(oneClock() ? FORM : FORM_OF_OLD_RULES)
                .i64(time.ms())
                .i64(partitionChainSequence)
                .blob(partitionChainHash)
                .blob(outcomesHash)
                .i64(offset)
                .i32(rules)
                .id(tenureId)
                .text(tenureNode);
        if (oneClock()) {
            form.i64(time.appendedMs()).i64(tenureBeganMs).i64(ownedUntilMs).id(lastCommandId);
        }
        storage.put(Table.PARTITION, PARTITION_KEY, form.finish());
    }

    private void flush(Execution execution) {
        UUID id = execution.id();
        flushHistory(execution);
        if (execution.headerDirty && !execution.header().small()) {
            storage.put(
                    Table.EXECUTIONS,
                    executionKey(id, HEADER),
                    execution.header().encode());
        }
        execution.headerDirty = false;
        if (execution.coreDirty) {
            storage.put(Table.EXECUTIONS, executionKey(id, CORE), execution.encodeCore());
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
        residents.measure(execution);
    }

    /** Goes on with the page that is not full. */
    private void flushHistory(Execution execution) {
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

    private static byte[] pageKey(Execution execution) {
        return HistoryForm.key(execution.id(), execution.historyPage);
    }

    /**
     * Writes closed executions ahead of the next flush. They hardly ever change again, so that costs no second write,
     * and the commit has less to do while commands wait.
     */
    public void flushClosed() {
        for (Iterator<Execution> all = dirty.iterator(); all.hasNext(); ) {
            Execution execution = all.next();
            if (execution.closedMs() > 0 && !evicted.containsKey(execution.id())) {
                flush(execution);
                leaving.add(execution);
                all.remove();
            }
        }
    }

    /** Closed executions leave memory one flush after they were written: by then whoever waited for the end has read it. */
    private void letClosedGo() {
        for (Execution execution : leaving) {
            if (!dirty.contains(execution)) {
                residents.remove(execution);
            }
        }
        leaving.clear();
    }

    /** Deletes what left, ahead of the next flush and so many at the most. */
    public void flushEvicted(int limit) {
        int deleted = 0;
        for (Iterator<Header> all = evicted.values().iterator(); all.hasNext() && deleted < limit; deleted++) {
            deleteStored(all.next());
            all.remove();
        }
    }

    private void deleteStored(Header header) {
        Set<UUID> taskIds = new LinkedHashSet<>();
        if (header.standaloneTask()) {
            taskIds.add(header.id());
        }
        byte[] prefix = HistoryForm.prefix(header.id());
        delete(Table.EXECUTIONS, prefix, (key, value) -> {});
        delete(
                Table.HISTORY,
                prefix,
                (key, value) -> HistoryForm.read(key, value, event -> {
                    if (event.taskId() != null) {
                        taskIds.add(event.taskId());
                    }
                }));
        taskIds.forEach(taskId -> tasks.delete(header.orgId(), header.id(), taskId));
    }

    private void delete(Table table, byte[] prefix, BiConsumer<byte[], byte[]> leaving) {
        List<byte[]> keys = new ArrayList<>();
        storage.scan(table, prefix, (key, value) -> {
            leaving.accept(key, value);
            return keys.add(key);
        });
        keys.forEach(key -> storage.put(table, key, null));
    }

    /** @return number of executions in memory; any thread */
    public int resident() {
        return residents.count();
    }

    /** @return what executions take in memory, about, without what came since the last flush; any thread */
    public long residentBytes() {
        return residents.bytes();
    }

    /** @return event data that came since the last flush, bytes: so much, about, can leave memory only after the next one */
    public long unflushedBytes() {
        return unflushedBytes;
    }

    private static byte[] executionKey(UUID id, byte part) {
        return Bytes.writer().rawId(id).u8(part).finish();
    }

    private static byte[] valueKey(UUID id, String key) {
        return Bytes.writer()
                .rawId(id)
                .u8(VALUE)
                .raw(key.getBytes(StandardCharsets.UTF_8))
                .finish();
    }
}
