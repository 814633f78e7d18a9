package io.millrace.notifier.queue;

import io.millrace.notifier.config.Counters;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.Ids;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of all queues that have ready work or somebody waiting. What an entry decided is carried out here and
 * nowhere else, once the entry's lock is free. Safe from any thread; never blocks.
 */
public final class QueueIndex implements ClaimAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(QueueIndex.class);
    /** After what the timer could not do. */
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** So long an answer is waited for at the least before its claims are given up: partitions change owners meanwhile. */
    private static final long FORGET_NANOS = TimeUnit.SECONDS.toNanos(15);

    private static final int LEARNING = 4;

    private final Outage outage =
            new Outage("could not do all that was decided for a queue, or that its time had come for");
    private final ConcurrentHashMap<WorkQueue, QueueEntry> entries = new ConcurrentHashMap<>();
    private final NotifierConfig config;
    private final Counters counters;
    private final ScheduledExecutorService timer;
    private final ClaimDesk claims;
    private final LongSupplier clock;
    /** Batches that were not answered in time, and are waited for a while longer. */
    private final Set<ClaimBatch> overdue = ConcurrentHashMap.newKeySet();
    /** Nanoseconds from a claim to its answer, as a rule. Written by any thread without care: a lost sample does no harm. */
    private volatile long usualAnswer;

    private volatile boolean closed;

    /**
     * @param timer for deadlines and delays; tasks are short
     * @param claims who writes claims and gives them back
     */
    public QueueIndex(NotifierConfig config, Counters counters, ScheduledExecutorService timer, ClaimDesk claims) {
        this(config, counters, timer, claims, System::nanoTime);
    }

    /** @param clock nanoseconds, in step with the timer */
    QueueIndex(
            NotifierConfig config,
            Counters counters,
            ScheduledExecutorService timer,
            ClaimDesk claims,
            LongSupplier clock) {
        this.config = config;
        this.counters = counters;
        this.timer = timer;
        this.claims = claims;
        this.clock = clock;
    }

    /** @return number of entries */
    public int size() {
        return entries.size();
    }

    /**
     * Takes a level.
     *
     * @return whether waiting polls take all the work
     * @throws IllegalArgumentException if the record's organisation, type of work or partition is not one
     */
    public boolean level(WorkAvailable level) {
        if (level.getWorkType() != WorkType.WORKFLOW && level.getWorkType() != WorkType.TASK) {
            throw new IllegalArgumentException("expected workflow or task work, but got " + level.getWorkType());
        }
        if (level.getPartition() < 0 || level.getPartition() > 0xffff) {
            throw new IllegalArgumentException("expected a partition, but got " + level.getPartition());
        }
        WorkQueue key = new WorkQueue(Ids.fromBytes(level.getOrgId()), level.getQueue(), level.getWorkType());
        if (level.getKindsList().stream().noneMatch(ready -> ready.getReady() > 0) && !entries.containsKey(key)) {
            return true;
        }
        return enter(key, entry -> entry.level(level)).covered();
    }

    /** Opens a poll; it is answered within the hold, or cut short by {@link #interrupt} or {@link #withdraw}. */
    public void park(Poll poll, Duration hold) {
        enter(poll.key(), entry -> entry.park(poll));
        Duration longest = poll.once() ? config.claims().patience() : hold;
        if (poll.phase() != Poll.Phase.OVER) {
            poll.timer(schedule(() -> expire(poll), longest.toNanos()));
        }
        if (poll.phase() == Poll.Phase.OVER) {
            poll.stopTimer();
        }
    }

    /** Ends the poll with an empty answer, unless it is about to get work. */
    public void interrupt(Poll poll) {
        visit(poll.key(), entry -> entry.interrupt(poll));
    }

    /** The caller of the poll has gone: it gets no answer. */
    public void withdraw(Poll poll) {
        poll.stopTimer();
        visit(poll.key(), entry -> entry.withdraw(poll));
    }

    /** Lets the listener be told of work from now on, and at once if there is some. */
    public void listen(Listener listener) {
        enter(listener.key(), entry -> entry.listen(listener));
    }

    /**
     * Lets the listener be told no more.
     *
     * @param willPoll whether it leaves because it was told, and its worker is about to poll
     */
    public void leave(Listener listener, boolean willPoll) {
        visit(listener.key(), entry -> entry.leave(listener, willPoll));
    }

    /** @return whether there is work that fits the listener and that no waiting poll takes */
    public boolean hasWork(Listener listener) {
        QueueEntry entry = entries.get(listener.key());
        return entry != null && entry.hasUnassigned(listener.filter());
    }

    /**
     * Lets polls that wait for work of a kind ride on a command that may bring some.
     *
     * @param most how many pieces it may bring
     * @return their claims, empty if nobody here waits for such work
     */
    public Optional<ClaimBatch> board(WorkQueue key, int partition, String kind, int most) {
        QueueEntry entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        Effects effects = new Effects();
        ClaimBatch batch =
                entry.board(partition, kind, Math.min(most, config.claims().perCommand()), effects);
        carryOut(entry, effects);
        return Optional.ofNullable(batch);
    }

    @Override
    public void notCarried(ClaimBatch batch) {
        carryOut(batch.entry(), batch.entry().notCarried(batch));
    }

    @Override
    public void unansweredRide(ClaimBatch batch) {
        notCarried(batch);
        forgetLater(batch);
    }

    @Override
    public void claimed(ClaimBatch batch, WorkClaimed answer) {
        learn(batch);
        batch.answered();
        carryOut(batch.entry(), batch.entry().claimed(batch, answer));
    }

    @Override
    public void late(ClaimBatch batch, WorkClaimed answer) {
        learn(batch);
        if (batch.answered()) {
            enter(batch.key(), entry -> entry.late(batch, answer));
            return;
        }
        answer.getResultsList().stream()
                .filter(result -> result.hasWorkflow() || result.hasTask())
                .forEach(result ->
                        claims.giveBack(batch.key(), result, "its claim had been given up before it was answered"));
    }

    /** Where answers take long as a rule, this one is still waited for. */
    @Override
    public void unanswered(ClaimBatch batch) {
        long left = batch.begunAt() + patienceNanos() - clock.getAsLong();
        overdue.add(batch);
        forgetLater(batch);
        if (closed || left <= 0) {
            giveUp(batch);
        } else {
            schedule(() -> giveUp(batch), left);
        }
    }

    /**
     * An answer that never comes would leave what was claimed to its lease. So the engine is told that nobody waits for it. If that
     * comes to stand before claims that reach the log late, it finds nothing. So what an answer brings that comes still later is given
     * back as well.
     */
    private void forgetLater(ClaimBatch batch) {
        long usual = usualAnswer;
        long wait = usual == 0
                ? LONGEST_PATIENCE_NANOS
                : Math.clamp(LEARNING * usual, FORGET_NANOS, LONGEST_PATIENCE_NANOS);
        schedule(
                () -> {
                    if (batch.forget()) {
                        claims.forget(batch);
                    }
                },
                Math.max(0, batch.begunAt() + wait - clock.getAsLong()));
    }

    private void giveUp(ClaimBatch batch) {
        overdue.remove(batch);
        carryOut(batch.entry(), batch.entry().giveUp(batch));
    }

    @Override
    public void failed(ClaimBatch batch) {
        carryOut(batch.entry(), batch.entry().failed(batch));
    }

    /**
     * Ends every waiting poll with an empty answer, and from now on every one that comes.
     *
     * @return everybody who listens, once each
     */
    public Set<Wakeable> close() {
        closed = true;
        Set<Wakeable> targets = new HashSet<>();
        for (QueueEntry entry : entries.values()) {
            targets.addAll(entry.targets());
            carryOut(entry, entry.close());
        }
        overdue.forEach(this::giveUp);
        return targets;
    }

    /** Where Kafka is slow for all, an answer that takes its time is no sign that nobody owns its partition. */
    private void learn(ClaimBatch batch) {
        long took = clock.getAsLong() - batch.begunAt();
        long usual = usualAnswer;
        usualAnswer = usual == 0 ? took : usual + (took - usual) / LEARNING;
    }

    private long patienceNanos() {
        return Math.clamp(2 * usualAnswer, config.claims().patience().toNanos(), LONGEST_PATIENCE_NANOS);
    }

    private void expire(Poll poll) {
        visit(poll.key(), entry -> entry.expire(poll));
    }

    private Effects enter(WorkQueue key, Function<QueueEntry, Effects> step) {
        while (true) {
            QueueEntry entry = entries.computeIfAbsent(key, this::newEntry);
            Effects effects = step.apply(entry);
            if (effects != null) {
                carryOut(entry, effects);
                if (closed) {
                    carryOut(entry, entry.close());
                }
                return effects;
            }
            entries.remove(key, entry);
        }
    }

    private void visit(WorkQueue key, Function<QueueEntry, Effects> step) {
        QueueEntry entry = entries.get(key);
        if (entry != null) {
            carryOut(entry, step.apply(entry));
        }
    }

    private QueueEntry newEntry(WorkQueue key) {
        int first = ThreadLocalRandom.current().nextInt(0x10000);
        return new QueueEntry(
                key,
                new PartitionLevels(config.claims().inFlight(), config.claims().perCommand(), first),
                new WakeUps(
                        config.escalation().delay().toNanos(),
                        config.escalation().pause().toNanos(),
                        clock),
                (key.workType() == WorkType.TASK
                                ? config.leases().task()
                                : config.leases().workflow())
                        .toNanos(),
                clock);
    }

    private void carryOut(QueueEntry entry, Effects effects) {
        if (effects.isEntryGone()) {
            entries.remove(entry.key(), entry);
        }
        for (ClaimBatch batch : effects.claims()) {
            send(batch);
        }
        each(effects.served(), served -> {
            counters.pollsServed.increment();
            served.poll().stopTimer();
            served.poll().answer().work(served.result());
        });
        each(effects.ended(), this::answerEmpty);
        each(
                effects.unwanted(),
                unwanted -> claims.giveBack(
                        entry.key(),
                        unwanted,
                        "its worker had no poll open when the claim was answered, nor after it"));
        each(effects.woken(), listener -> listener.target().wake());
        for (Effects.Timed timed : effects.rounds()) {
            schedule(() -> escalate(entry, timed.round()), timed.nanos());
        }
        for (Poll poll : effects.overdue()) {
            poll.timer(schedule(() -> expire(poll), config.claims().patience().toNanos()));
        }
        for (LateClaims.Kept work : effects.kept()) {
            schedule(
                    () -> carryOut(entry, entry.giveUp(work)),
                    config.workerReturn().waiting().toNanos());
        }
        for (PartitionLevel level : effects.watched()) {
            schedule(() -> look(entry, level), patienceNanos());
        }
        for (PartitionLevel level : effects.blocked()) {
            schedule(() -> carryOut(entry, entry.resume(level)), retryDelayNanos());
        }
    }

    /** The entry has decided all of them, and decides none again. So what fails for one must not keep it from the others. */
    private <T> void each(Iterable<T> all, Consumer<T> effect) {
        for (T one : all) {
            try {
                effect.accept(one);
            } catch (Throwable e) {
                outage.failed(e);
            }
        }
    }

    private void escalate(QueueEntry entry, WakeRound round) {
        Effects effects = entry.escalate(round);
        if (!effects.woken().isEmpty()) {
            counters.escalations.increment();
        }
        carryOut(entry, effects);
    }

    private void look(QueueEntry entry, PartitionLevel level) {
        long patience = patienceNanos();
        Effects effects = entry.look(level, patience);
        if (effects.silenceBegun()) {
            counters.silences.increment();
            LOG.warn(
                    "claims unanswered queue={} type={} partition={} forMs={}",
                    entry.key().queue(),
                    entry.key().workType(),
                    level.partition(),
                    TimeUnit.NANOSECONDS.toMillis(patience));
        }
        carryOut(entry, effects);
    }

    /** Whoever told of the work has nothing to do with what fails here, and those who wait for it wait on. */
    private void send(ClaimBatch batch) {
        try {
            claims.send(batch, this);
        } catch (RuntimeException e) {
            outage.failed(e);
            failed(batch);
        }
    }

    private void answerEmpty(Poll poll) {
        counters.pollsEmpty.increment();
        poll.stopTimer();
        poll.answer().empty();
    }

    private long retryDelayNanos() {
        long least = config.claims().minRetryDelay().toNanos();
        return least
                + ThreadLocalRandom.current()
                        .nextLong(config.claims().maxRetryDelay().toNanos() - least + 1);
    }

    /** Nobody looks at what comes of a timer's task, and without it a partition of the queue may stand still, or a poll hang. */
    private void doNow(Runnable task) {
        try {
            task.run();
            outage.over();
        } catch (Throwable e) {
            outage.failed(e);
            schedule(task, AGAIN_NANOS);
        }
    }

    private Future<?> schedule(Runnable task, long nanos) {
        try {
            return timer.schedule(() -> doNow(task), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return CompletableFuture.completedFuture(null);
        }
    }
}
