package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.ReplyEncoder;
import io.millrace.dispatcher.engine.HalfAppliedException;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.dispatcher.partition.RecordExecutor.Writers;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.WorkAvailable;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition while this node owns it: the engine, and all that speaks to the outside in its name. Outcomes leave with
 * the commit of whoever drives it. Answers, levels and commands for others leave at once. That is right because the
 * command is durable and the engine deterministic: whatever happens, the same comes out again.
 *
 * <p>It knows no Kafka. The stream thread drives it, by {@link #process}, {@link #beforeCommit} and, until it is {@link
 * #quiet}, {@link #tick}. No other thread may call anything here, but for what repeats.
 */
public final class PartitionRuntime {

    /** How much there is to be said for a commit at this moment. */
    public enum Commit {
        /** Whenever its time comes. */
        IN_TIME,
        /** It makes nobody wait now, and lets the events be seen sooner. */
        NOW,
        /** Too much memory waits for it. */
        WITHOUT_FAIL
    }

    private static final Logger LOG = LoggerFactory.getLogger(PartitionRuntime.class);
    /** Records of executions that leave the store in one tick, so that a commit has not to delete thousands while commands wait. */
    private static final int EVICTED_RECORDS = 500;
    /** After so long what is to leave waits no longer for what has left before: it must not become more and more. */
    private static final long LATE_TO_LEAVE_MS = 60_000;
    /** Part of the memory that what cannot leave it before the next commit may take. */
    private static final int UNFLUSHED_PART = 4;

    private final NodeContext node;
    private final PartitionState state;
    private final RecordExecutor executor;
    /** Say who wrote a command that is decided for the first time. */
    private final Writers undecided;

    private final LogCursor log;
    private final Continuity continuity;
    private final SealMark sealed;
    private final Outbox outbox;
    private final Levels levels;
    private final Tenure tenure;
    private final RulesRaiser rules;
    private final GatedAnswers answers;
    private final StandingLevels standing;
    private final Runnable repeating = this::repeat;
    private final Partition partition;
    private final HistoryWatch histories;
    private final WorkWatch work;
    private final WorkSpans spans;
    private long lastOffset;
    private volatile boolean stopped;
    private boolean changelogInTransaction;
    /** Of what it was said already. */
    private final Set<String> watchFailed = new HashSet<>();

    /**
     * Opens the partition upon what rests in the storage.
     *
     * @param storage of this partition alone
     * @param log where the partition's commands come from
     * @throws RuntimeException the storage or Kafka failed; nothing is left behind, and it may be opened anew
     */
    public PartitionRuntime(int number, Storage storage, LogCursor log, NodeContext node) {
        this.node = node;
        state = new PartitionState(new StoreGate(storage), this::memoryBytes);
        executor = new RecordExecutor(
                new Home(number, node.outputs().writer().partitions()),
                state,
                node.faults().failedParts());
        undecided = (offset, record, command) -> node.writers().of(number, offset, record, command);
        this.log = log;
        continuity = new Continuity(number, state, storage, log);
        sealed = new SealMark(storage, node.writers().outcomeSeals().mode());
        histories = new HistoryWatch(state, node.metrics(), node.limits().maxHistoryBytes());
        work = new WorkWatch(state, node.metrics());
        spans = new WorkSpans(number, node.outputs().spans(), InstantSource.system());
        outbox = new Outbox(
                storage,
                node.outputs().writer(),
                node.limits().maxHistoryBytes(),
                node.metrics().blockedLanes());
        levels = new Levels(number, node.node());
        lastOffset = state.offset();
        TenureLog tenureLog = new TenureLog(number, node.node(), node.outputs().writer(), state::timeMs);
        rules = new RulesRaiser(number, state, tenureLog, node.tenures());
        tenure = new Tenure(number, tenureLog, node.tenures(), state.lastTenure(), state::rules);
        answers = new GatedAnswers(
                node.outputs().replies(),
                tenure,
                node.background().repeater(),
                () -> node.tenures().committed().of(number));
        partition = new Partition(number, state, tenure);
        updateDue();
        standing = new StandingLevels(
                node.outputs().levels(), () -> partition.tenure().levels());
        state.ready().nonEmpty().forEach(this::rememberLevel);
        node.partitions().opened(partition);
        node.background().repeater().add(repeating);
        open();
    }

    private void open() {
        if (state.rules() > Rules.VERSION) {
            stop(RecordExecutor.unknownRules(partition.number(), state.rules()));
            return;
        }
        try {
            log.lookBehind(continuity.place(), sealed.required());
            continuity.expectSameLog();
            tenure.open();
        } catch (PartitionStoppedException e) {
            stop(e);
        } catch (RuntimeException | Error e) {
            close(); // nobody gets it, so nobody else would, and its outbox would go on beside that of the next
            throw e;
        }
    }

    /** The partitions of a node share its memory evenly. */
    private long memoryBytes() {
        return node.limits().memoryBytes() / Math.max(1, node.partitions().all().size());
    }

    /** What has to be in the store before it is committed: nothing, if nothing has happened. */
    public void beforeCommit() {
        executor.expectWhole();
        answers.commitBegins(stopped || continuity.madeGood() ? GatedAnswers.TELLS_NOTHING : lastOffset);
        if (changelogInTransaction) {
            state.flush();
            updateDue();
            showDepths();
        }
        outbox.flush();
        changelogInTransaction = false;
    }

    /**
     * @return whether there is nothing to do until the next command comes, after a commit. Whoever drives it should leave it
     *     alone then, since each tick may end in a commit
     */
    public boolean quiet() {
        return stopped || !changelogInTransaction && outbox.empty() && answers.empty() && tenure.settled();
    }

    /**
     * Carries out the command that stands next in the log. That there is one to carry out shows that the last commit worked.
     *
     * @param offset its place in the log
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     * @param value the record; what cannot be decoded becomes a refusal
     * @return what came of it, to be committed together with what {@link #beforeCommit} stores. Null where nothing is
     *     to be written, since the command was carried out before or the partition stands still
     * @throws StorageException a store could not be read or written
     * @throws HalfAppliedException the engine failed in the middle of the command. After either the partition has to be opened
     *     anew from what is committed
     */
    public @Nullable OutcomeRecord process(long offset, long appendedMs, byte[] value) {
        answers.commitWorked();
        if (stopped) {
            continuity.stop(appendedMs);
            return null;
        }
        readAgain();
        try {
            return switch (continuity.next(offset, appendedMs)) {
                case PASS_OVER -> null;
                case CARRY_OUT_AGAIN -> carryOutAgain(offset, appendedMs, value, false);
                case SEND_AGAIN -> carryOutAgain(offset, appendedMs, value, true);
                case CARRY_OUT -> carryOut(offset, appendedMs, value);
            };
        } catch (PartitionStoppedException e) {
            stop(e);
            continuity.stop(appendedMs);
            return null;
        }
    }

    /**
     * Makes good what the state lost: all have heard of it, but what it sent may be on its way no more. If another outcome
     * stands on the events topic than the command leads to, nobody has heard of this one, and it is written.
     */
    private @Nullable OutcomeRecord carryOutAgain(long offset, long appendedMs, byte[] value, boolean send) {
        LogCursor.Recorded recorded = log.next(continuity.place()).orElse(null);
        if (recorded == null) {
            continuity.notDecided(offset);
            return carryOut(offset, appendedMs, value);
        }
        if (sealed.required() && recorded.seal() != MacVerdict.MAC_VALID) {
            throw sealOfUnknownKey(offset);
        }
        Executed executed = execute(
                offset,
                appendedMs,
                value,
                (place, record, command) -> node.writers().again(partition.number(), place, record, command, recorded));
        if (!continuity.place().isOf(recorded.outcome()) && !log.standsBehind(continuity.place())) {
            continuity.notDecided(offset);
            return tell(executed);
        }
        if (send) {
            send(executed.outcome(), true);
        }
        passed(executed.decoded());
        state.ready().drainShrunk().forEach(this::rememberLevel);
        state.ready().drainGrown().forEach(this::rememberLevel);
        if (executed.claimed() != null) {
            rememberLevel(executed.claimed());
        }
        enterChangelog();
        return null;
    }

    private PartitionStoppedException sealOfUnknownKey(long offset) {
        return new PartitionStoppedException(
                partition.number(),
                "expected the outcome of the command at offset " + offset
                        + " to have a seal of a key of this node, but it" + " is of another key",
                "If that key was taken out of commands.mac.key_file, put it back behind the others until the partition has"
                        + " been carried out to its end. If there was no such key, somebody else wrote the outcome: restore"
                        + " millrace.events from a copy without it.");
    }

    private void rememberLevel(QueueKey queue) {
        standing.remember(queue, levels.of(queue, state.handout(), lastOffset));
    }

    private Executed execute(long offset, long appendedMs, byte[] value, Writers writers) {
        lastOffset = offset;
        partition.views().makeAwaited();
        Executed executed = executor.execute(offset, appendedMs, value, writers);
        partition.position(offset);
        partition.time(state.timeMs(), state.timeAhead());
        return executed;
    }

    private void send(Outcome outcome, boolean again) {
        outbox.send(outcome.outgoing(), outcome.timeMs(), partition.number(), lastOffset, again);
    }

    private OutcomeRecord carryOut(long offset, long appendedMs, byte[] value) {
        return tell(execute(offset, appendedMs, value, undecided));
    }

    /** Lets all hear of what was decided for the first time. */
    private OutcomeRecord tell(Executed executed) {
        sealed.written();
        CommandRecord command = executed.command();
        Outcome outcome = executed.outcome();
        OutcomeRecord record = executed.record();
        send(outcome, false);
        node.metrics().done(command.getBodyCase(), outcome);
        node.writers().decided(partition.number(), lastOffset, executed.verdict());
        watched("histories", () -> histories.watch(outcome));
        watched("work", () -> work.watch(outcome, command.getBodyCase()));
        watched("spans", () -> spans.tell(executed, record.getCommand()));
        if (executed.decoded() instanceof Command.FireDue) {
            partition.firingDone();
        }
        passed(executed.decoded());
        QueueKey claimed = executed.claimed();
        WorkAvailable left = claimed == null ? null : levels.of(claimed, state.handout(), lastOffset);
        // Whoever asked was told when the command itself was decided.
        if (!command.getReplyNode().isEmpty() && executed.verdict() != MacVerdict.MAC_COPIED) {
            answers.give(ReplyEncoder.encode(command, outcome, state, left));
        }
        if (claimed != null && left != null) {
            standing.say(claimed, left);
        }
        // Cancelled, or timed out: nobody is to be told of work that has gone.
        state.ready().drainShrunk().forEach(queue -> offer(queue, claimed));
        state.ready().drainGrown().forEach(queue -> offer(queue, claimed));
        partition.watches().happened(outcome.events());
        updateDue();
        enterChangelog();
        node.background().idle().commandDone();
        return record;
    }

    /** Who only watches must not stop what is watched, nor who else does. */
    private void watched(String what, Runnable watcher) {
        try {
            watcher.run();
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            if (watchFailed.add(what)) {
                LOG.error(
                        "could not watch for {} what came of the command at offset {} of partition {}, nor perhaps of later ones: {}",
                        what,
                        lastOffset,
                        partition.number(),
                        FailureTrace.of(e));
            }
        }
    }

    /** From here on nothing is carried out, until the partition is opened again. */
    private void stop(PartitionStoppedException why) {
        stopped = true;
        LOG.error("{}", why.getMessage());
        node.partitions().stopped(partition.number(), why);
        fallSilent(); // what was decided before is right, and goes on being sent
    }

    /**
     * The first write of a transaction into a partition makes the broker ask the transaction's coordinator. Written early,
     * a small record gets that over with while commands are carried out, instead of during the commit, when they wait.
     */
    private void enterChangelog() {
        if (!changelogInTransaction) {
            changelogInTransaction = true;
            state.storePartition();
        }
    }

    private void offer(QueueKey queue, @Nullable QueueKey offered) {
        if (!queue.equals(offered)) {
            standing.say(queue, levels.of(queue, state.handout(), lastOffset));
        }
    }

    private void updateDue() {
        Due next = state.dues().first();
        if (next != null && waitsToLeave(next)) {
            next = state.dues().firstThatStays();
        }
        long atMs = next == null ? Partition.NEVER : next.atMs();
        partition.nextDueMs(atMs);
        node.background().clock().consider(partition);
        node.background().planner().consider(partition);
    }

    /** Closed executions fall due in crowds. The next of them leave when those before are deleted, which ticks do. */
    private boolean waitsToLeave(Due due) {
        return due.type() == Due.Type.RETENTION
                && state.evicted() > 0
                && state.timeMs() - due.atMs() < LATE_TO_LEAVE_MS;
    }

    /**
     * Does what need not be done with every command; to be called some ten times a second while it is not {@link #quiet}. It shows
     * that the last commit worked, as {@link #process} does.
     *
     * @return whether a commit is worth while
     * @throws StorageException a store could not be read or written, as in {@link #process}
     */
    public Commit tick() {
        answers.commitWorked();
        if (stopped) {
            return Commit.IN_TIME;
        }
        readAgain();
        moved(tenure::look);
        answers.look();
        if (tenure.raisesRules()) {
            rules.look();
        }
        if (state.evicted() > 0) {
            state.flushEvicted(EVICTED_RECORDS);
            updateDue();
        }
        state.flushClosed();
        showDepths();
        if (state.unflushedBytes() > memoryBytes() / UNFLUSHED_PART) {
            return Commit.WITHOUT_FAIL;
        }
        return (changelogInTransaction || outbox.toStrike())
                        && node.background().idle().now()
                ? Commit.NOW
                : Commit.IN_TIME;
    }

    private void readAgain() {
        Runnable doubt = partition.takeDoubt();
        if (doubt == null) {
            return;
        }
        try {
            doubt.run();
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            // Nothing is wrong with the store, and whoever asked has been told.
        }
    }

    private void showDepths() {
        for (QueueKey queue : state.ready().drainChanged()) {
            partition.queue(queue, levels.depth(queue, state.ready()));
        }
        state.drainHandChanges((orgId, subject) -> partition.inHand(orgId, subject, inHand(orgId, subject)));
    }

    /** @return how much is in hand by the policy, 0 where it counts nothing */
    private int inHand(UUID orgId, WorkSubject subject) {
        WorkPolicy policy = state.policies().get(orgId, subject);
        return switch (subject.type()) {
            case WORKER -> policy.usual() ? 0 : state.inHand(orgId, subject.name());
            case QUEUE -> policy.limit() == null ? 0 : state.inFlight(orgId, subject.name());
            case WORKFLOW_KIND, TASK_KIND -> 0;
        };
    }

    /**
     * Says levels again while work stands unclaimed, so that a lost one costs a moment and strands nothing. Sends again
     * what Kafka did not take. Raises the rules of an idle partition. Ends watches while the tenure allows none. Any
     * thread.
     */
    private void repeat() {
        outbox.retry();
        if (stopped) {
            return;
        }
        standing.repeat();
        if (tenure.raisesRules()) {
            rules.lookAgain();
        }
        if (!partition.tenure().reads()) {
            partition.watches().wake(); // that a tenure has lapsed is told by nobody else
        }
    }

    private void passed(@Nullable Command command) {
        moved(() -> tenure.passed(command, lastOffset));
    }

    /** Lets the tenure go a step, and does what its new state calls for. */
    private void moved(Runnable step) {
        TenureState before = tenure.state();
        step.run();
        TenureState now = tenure.state();
        if (now == before) {
            return;
        }
        answers.look(); // those who wait for them waited for this, and nobody may call again soon
        if (now == TenureState.OWNING) {
            rules.look();
        }
        if (now.levels()) {
            standing.repeat();
        }
        if (now.timers()) {
            node.background().clock().consider(partition);
            node.background().planner().consider(partition);
        }
        if (!now.reads()) {
            partition.watches().wake();
        }
    }

    /** What happened in the midst of a command may have left half of it: nothing of it may be seen. */
    public void failed() {
        outbox.close();
        fallSilent();
    }

    private void fallSilent() {
        tenure.close();
        answers.look();
        partition.watches().wake();
    }

    /** The node has the partition no more. */
    public void close() {
        node.background().repeater().remove(repeating);
        try {
            failed();
        } finally {
            try {
                log.close(); // Kafka's client may fail here; the partition has gone all the same
            } finally {
                node.partitions().closed(partition);
            }
        }
    }
}
