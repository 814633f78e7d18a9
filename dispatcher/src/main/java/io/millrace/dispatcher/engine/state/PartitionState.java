package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.store.Buckets;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
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
 * {@link #promiseHome(UUID)}, {@link #newestRun}, {@link #schedule}, {@link #schedulesToPlan}, {@link #policies}, {@link #history}, {@link
 * #standing} and {@link #standingWithTasks}. Of what these read, {@link #changes} says whether it belongs together.
 */
public final class PartitionState implements State {

    /** Before this form of the partition's record leases stood among all that is due. */
    private static final int FORM_OF_LEASES = 5;

    private static final int WAITING_IN_MEMORY = 20_000;

    private final PartitionRecord partition;
    private final ExecutionStore executions;
    private final TaskStore tasks;
    private final KeyStore keys;
    private final PromiseHomes promises;
    private final RunStore runs;
    private final Buckets closed;
    private final Buckets expiring;
    private final ReadyIndex ready;
    private final DueIndex dues;
    private final DueWork dueWork;
    private final ScheduleStore schedules;
    private final PolicyStore policies;
    private final PlaceStore places;
    private final BulkJobStore bulkJobs;
    private final SavedQueryStore savedQueries;
    private final WriterStore writers;
    private final Handout handout;
    private final List<TracedWork> traced = new ArrayList<>(0);

    private final Changes changes = new Changes();
    private final LiveExecutions live;
    private final HeldWork held;

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
        this.partition = new PartitionRecord(storage);
        this.tasks = new TaskStore(storage);
        this.executions = new ExecutionStore(storage, tasks);
        this.promises = new PromiseHomes(storage);
        this.runs = new RunStore(storage);
        this.closed = new Buckets(storage, Table.CLOSED);
        this.expiring = new Buckets(storage, Table.EXPIRIES);
        this.live = new LiveExecutions(partition, executions, tasks, new Residents(memoryBytes), changes);
        this.ready = new ReadyIndex(storage, waitingInMemory);
        this.dues = new DueIndex(storage, waitingInMemory, partition.storedForm() < FORM_OF_LEASES);
        this.keys = new KeyStore(storage, expiring, dues, changes);
        this.dueWork = new DueWork(dues, closed, expiring);
        this.schedules = new ScheduleStore(storage, dues);
        this.policies = new PolicyStore(storage, dues);
        this.places = new PlaceStore(storage, dues, policies);
        this.bulkJobs = new BulkJobStore(storage);
        this.savedQueries = new SavedQueryStore(storage);
        this.writers = new WriterStore(storage);
        this.handout = new Handout(ready, policies, places);
        this.held = new HeldWork(this, dues, tasks);
        dues.whenEnded(places::ended);
        places.opened();
    }

    /** Notes that a claim of work that belongs to a trace began or ended, until it is asked for. */
    void traced(TracedWork work) {
        traced.add(work);
    }

    /** @return what was noted since it was asked for last; nearly always nothing */
    public List<TracedWork> drainTraced() {
        if (traced.isEmpty()) {
            return List.of();
        }
        List<TracedWork> all = List.copyOf(traced);
        traced.clear();
        return all;
    }

    /** @return what is being changed, by whose order other threads read */
    public Changes changes() {
        return changes;
    }

    /** @return what the partition knows of itself */
    PartitionRecord partition() {
        return partition;
    }

    @Override
    public long timeMs() {
        return partition.time().ms();
    }

    /** @return whether the partition's clock has run ahead of the broker's, and so goes on at half its speed */
    public boolean timeAhead() {
        return partition.time().ahead();
    }

    /** @return append time up to which the partition's clock has come, milliseconds since the epoch; 0: none has counted yet */
    public long appendedMs() {
        long appendedMs = partition.time().appendedMs();
        return appendedMs == PartitionTime.NONE ? 0 : appendedMs;
    }

    /** Moves the partition's clock to where the command puts it; it never runs backwards. */
    public void advanceTime(CommandMeta meta) {
        partition.advanceTime(meta);
    }

    /** @return keys of the things in a bucket that is due, so many at the most; none for what is due by itself */
    public List<byte[]> bucket(Due due, int limit) {
        return dueWork.bucket(due, limit);
    }

    /**
     * What was due has been seen to; nothing may come due twice, even if it changed nothing. Buckets empty piece by piece.
     *
     * @param seenTo what of its bucket was seen to
     * @return whether that changed what the events before it had left
     */
    public boolean settled(Due due, List<byte[]> seenTo) {
        return dueWork.settled(due, seenTo);
    }

    /** @return what is due now, soonest first, so many at the most; one for a bucket that has nothing left */
    public List<DueItem> dueItems(int limit) {
        return dueWork.items(timeMs(), limit);
    }

    /** @return false of what has been disarmed meanwhile */
    public boolean stillDue(DueItem item) {
        return dueWork.stillDue(item);
    }

    /** What was due cannot happen, and must not keep the rest from happening. */
    public void dropped(Due due) {
        dueWork.dropped(due);
    }

    /** @return whom a thing that is due belongs to; nobody for one that is about nothing that is here */
    public Optional<UUID> organisation(DueItem item) {
        Due due = item.due();
        return switch (due.type()) {
            // Schedules, policies and queues name the organisation in the execution's place. So do keys of before there
            // were buckets.
            case WORKFLOW_KEY_EXPIRY,
                    TASK_KEY_EXPIRY,
                    PROMISE_KEY_EXPIRY,
                    SCHEDULE,
                    POLICY,
                    PLACES_SPARE,
                    PLACES_NEXT -> Optional.of(due.executionId());
            case KEY_EXPIRY -> item.key().map(this::expiring).map(KeyBinding::orgId);
            case RETENTION -> item.key().map(this::closed).flatMap(this::owner);
            case WORKFLOW_LEASE,
                    WORKFLOW_RETRY,
                    WORKFLOW_CANCEL,
                    TIMER,
                    PROMISE_TIMEOUT,
                    TASK_READY,
                    TASK_LEASE,
                    TASK_DEADLINE -> owner(due.executionId());
        };
    }

    private Optional<UUID> owner(UUID executionId) {
        return Optional.ofNullable(execution(executionId))
                .map(execution -> execution.header().orgId());
    }

    /** @return place in the log of the last command whose outcome is in the state, -1 before the first */
    public long offset() {
        return partition.offset();
    }

    /** @return false of a state from before offsets were kept, until a command is carried out on it */
    public boolean knowsOffset() {
        return partition.knowsOffset();
    }

    /** @return id of that command, zeroes if it had none that could be read; null before the first, and where it was not kept */
    public @Nullable UUID lastCommandId() {
        return partition.lastCommandId();
    }

    /** Notes which command was carried out last. */
    public void carriedOut(long ofLastCommand, UUID commandId) {
        partition.carriedOut(ofLastCommand, commandId);
    }

    @Override
    public int rules() {
        return partition.rules();
    }

    @Override
    public @Nullable UUID tenureId() {
        return partition.lastTenure().id();
    }

    /** @return who may still answer reads of the partition */
    public LastTenure lastTenure() {
        return partition.lastTenure();
    }

    @Override
    public long tenureBeganMs() {
        return partition.tenureBeganMs();
    }

    @Override
    public long ownedUntilMs() {
        return partition.ownedUntilMs();
    }

    /** @return running hash over all outcomes of the partition */
    public byte[] outcomesHash() {
        return partition.outcomesHash();
    }

    /** Sets the running hash; the array must not change afterwards. */
    public void outcomesHash(byte[] hash) {
        partition.outcomesHash(hash);
    }

    @Override
    public @Nullable Execution execution(UUID executionId) {
        return live.get(executionId);
    }

    @Override
    public @Nullable Task task(UUID executionId, UUID taskId) {
        return live.task(executionId, taskId);
    }

    /** On any thread. */
    @Override
    public @Nullable KeyBinding key(KeyUse use, UUID orgId, String key) {
        return keys.get(use, orgId, key);
    }

    /** On any thread. */
    @Override
    public @Nullable Schedule schedule(UUID orgId, String name) {
        return schedules.get(orgId, name);
    }

    /**
     * A schedule that may want to know more of its due times.
     *
     * @param change another number whenever it has changed
     */
    public record ToPlan(UUID orgId, String name, long change) {}

    /** @return schedules that may want to know more of their due times, none of which is read for that; any thread */
    public List<ToPlan> schedulesToPlan() {
        List<ToPlan> wanting = new ArrayList<>();
        schedules.wanting().forEach((key, change) -> wanting.add(new ToPlan(key.orgId(), key.name(), change)));
        return wanting;
    }

    /** @return whether there are any; any thread, and cheap */
    public boolean schedulesWait() {
        return !schedules.wanting().isEmpty();
    }

    /** Shows all schedules that are stored, for reading: after a flush those are all. On the partition's thread. */
    public void schedules(Consumer<Schedule> visitor) {
        schedules.all(visitor);
    }

    /** @return the schedules */
    ScheduleStore schedules() {
        return schedules;
    }

    /** What is documented there for any thread may be called on any. */
    @Override
    public PolicyStore policies() {
        return policies;
    }

    /** What is documented there for any thread may be called on any. */
    @Override
    public PlaceStore places() {
        return places;
    }

    @Override
    public int inFlight(UUID orgId, String queue) {
        return dues.inFlight(orgId, queue);
    }

    @Override
    public SavedQueryStore savedQueries() {
        return savedQueries;
    }

    /** @return who wrote commands, and which of their numbers were seen */
    public WriterStore writers() {
        return writers;
    }

    @Override
    public BulkJobStore bulkJobs() {
        return bulkJobs;
    }

    @Override
    public Handout handout() {
        return handout;
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
        return promises.get(promiseId);
    }

    /** Notes where a promise lives; null: nowhere any more. */
    void promiseHome(UUID promiseId, @Nullable UUID executionId) {
        changes.begin(promiseId);
        promises.set(promiseId, executionId);
    }

    @Override
    public @Nullable String promiseName(UUID promiseId) {
        return promises.name(promiseId);
    }

    /** On any thread. */
    @Override
    public UUID newestRun(UUID executionId) {
        return runs.newest(executionId);
    }

    /** The run goes on in a new one, which whoever names the run finds from now on. */
    void goOn(Execution run, UUID newRun) {
        run.successorId = newRun;
        runs.goesOn(run.id(), newRun);
        touch(run);
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
        return held.by(orgId, workerId);
    }

    /** @return how many executions and tasks the worker holds */
    public int inHand(UUID orgId, String workerId) {
        return dues.inHand(orgId, workerId);
    }

    /**
     * Shows the workers and queues whose work in hand may have changed, and what has another policy, since the last time that this
     * was asked; the first time all of them. However many policies there are, it costs what has changed.
     */
    public void drainHandChanges(SubjectVisitor visitor) {
        policies.drainChanged(visitor);
        dues.drainChanged(visitor);
    }

    /** Forgets what has changed of ready work and of work in hand, where nobody is to be told of it. It would be kept otherwise. */
    public void tellNobody() {
        ready.drainGrown();
        ready.drainShrunk();
        ready.drainChanged();
        drainHandChanges((orgId, subject) -> {});
    }

    /** @return the execution for reading, on any thread; null where there is none */
    public @Nullable Execution view(UUID executionId) {
        return live.view(executionId);
    }

    /**
     * @return the execution as it stands, without its tasks and its other parts; what came before is in its {@link #history};
     *     null where there is none. Any thread
     */
    public @Nullable Execution standing(UUID executionId) {
        Execution execution = view(executionId);
        return execution == null ? null : execution.standing();
    }

    /** @return the same, with those of its tasks that are open; any thread */
    public @Nullable Execution standingWithTasks(UUID executionId) {
        Execution execution = view(executionId);
        if (execution == null) {
            return null;
        }
        Execution standing = execution.standing();
        for (UUID taskId : execution.openTasks) {
            Task task = viewTask(execution, taskId);
            if (task != null) {
                standing.tasks.put(taskId, task.standing());
            }
        }
        return standing;
    }

    /** Shows all executions that are stored, for reading: after a flush those are all. On the partition's thread. */
    public void executions(Consumer<Execution> visitor) {
        executions.ids(id -> visitor.accept(Objects.requireNonNull(view(id), "execution that is stored")));
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

    /** @return the organisation that the execution belongs to, or null; any thread */
    @Nullable
    UUID organisation(UUID executionId) {
        Execution execution = view(executionId);
        return execution == null ? null : execution.header().orgId();
    }

    /** On any thread. */
    @Override
    public List<SealedEvent> history(Execution execution) {
        return history(execution, 0);
    }

    /** @return the history behind the sequence, ascending and without gaps; any thread */
    public List<SealedEvent> history(Execution execution, int after) {
        return executions.history(execution, after);
    }

    void create(Execution execution) {
        live.create(execution);
    }

    void touch(Execution execution) {
        live.touch(execution);
    }

    void createTask(Execution execution, Task task) {
        changes.begin(task.id);
        tasks.created(execution.header().orgId(), task);
        live.touchTask(execution, task);
    }

    void touchTask(Execution execution, Task task) {
        live.touchTask(execution, task);
    }

    /** @return what keys point to */
    KeyStore keys() {
        return keys;
    }

    void appendHistory(Execution execution, SealedEvent event) {
        live.appendHistory(execution, event);
    }

    /** Something of the queue is handed out: if that takes a place, there is less of its other work. */
    void takePlace(UUID orgId, String queue) {
        if (places.get(orgId, queue) != null) {
            changes.begin(orgId); // views of others of the organisation show places, too
            places.take(orgId, queue, timeMs());
            handout.changed(orgId, queue);
        }
    }

    /** Notes that the execution leaves the stores when its retention is over; buckets keep that out of memory. */
    void retain(Execution execution) {
        long bucketMs = retentionBucket(execution);
        closed.add(bucketMs, Bytes.writer(Bytes.ID).rawId(execution.id()).finish());
        dues.add(Due.retention(bucketMs));
    }

    /** Notes that the execution is open again, and does not leave. */
    void unretain(Execution execution) {
        closed.remove(
                retentionBucket(execution),
                Bytes.writer(Bytes.ID).rawId(execution.id()).finish());
    }

    void evict(Execution execution) {
        long bucketMs = retentionBucket(execution);
        closed.remove(bucketMs, Bytes.writer(Bytes.ID).rawId(execution.id()).finish());
        boolean continued = execution.status() == Status.CONTINUED_AS_NEW;
        boolean goesOn = execution.successorId != null
                && !continued
                && !runs.newest(execution.id()).equals(execution.id());
        for (Promise promise : execution.promises.view().values()) {
            if (goesOn && !promise.settled()) {
                changes.begin(promise.id());
                promises.keep(promise.id(), execution.id(), promise.name());
                runs.keepPromise(execution.id(), promise.id());
            } else {
                promiseHome(promise.id(), null);
            }
        }
        if (continued) {
            // They were of this run and of those before it, which have left: the new run has promises of its own.
            runs.promises(execution.id(), promiseId -> promiseHome(promiseId, null));
        }
        if (execution.successorId == null && execution.header().resetFrom() != null) {
            runs.left(execution.id(), promiseId -> promiseHome(promiseId, null));
        }
        for (Task task : execution.tasks.values()) {
            changes.begin(task.id);
            tasks.discarded(execution.header().orgId(), task);
        }
        live.leaves(execution);
    }

    private static long retentionBucket(Execution execution) {
        long untilMs = execution.closedMs + execution.header().retentionMs();
        return Buckets.bucketMs(untilMs, Due.RETENTION_BUCKET_MS);
    }

    /** Writes everything that changed since the last flush to the storage, and lets go of what need not stay in memory. */
    public void flush() {
        storePartition();
        // First what left: an id may have come back since, as a new execution.
        flushEvicted(Integer.MAX_VALUE);
        live.flush();
        tasks.flushed();
        keys.flush();
        schedules.flush();
        policies.flush();
        places.flush();
        bulkJobs.flush();
        savedQueries.flush();
        writers.flush();
        ready.flush(partition.oneClock());
        dues.flush(partition.oneClock());
        closed.flush();
        expiring.flush();
        promises.flush();
        runs.flush();
        live.shrink();
    }

    /** Writes the one small record that every flush writes; worth while where a first write costs a round trip of its own. */
    public void storePartition() {
        partition.store();
    }

    /**
     * Writes closed executions ahead of the next flush. They hardly ever change again, so that costs no second write,
     * and the commit has less to do while commands wait.
     */
    public void flushClosed() {
        live.flushClosed();
    }

    /**
     * Deletes what left, ahead of the next flush. A large execution goes bit by bit, and so do the notes of a workflow's many runs.
     *
     * @param records that are to go, about: executions have very different numbers of them
     */
    public void flushEvicted(int records) {
        int more = records - live.deleteLeft(records);
        if (more > 0) {
            runs.deleteGone(more);
        }
    }

    /** @return how many executions, and workflows of several runs, have left and are still to be deleted */
    public int evicted() {
        return live.left() + runs.gone();
    }

    /** @return number of executions in memory; any thread */
    public int resident() {
        return live.count();
    }

    /** @return what executions take in memory, about, without what came since the last flush; any thread */
    public long residentBytes() {
        return live.bytes();
    }

    /** @return event data that came since the last flush, bytes: so much, about, can leave memory only after the next one */
    public long unflushedBytes() {
        return live.unflushedBytes();
    }
}
