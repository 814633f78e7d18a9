package io.millrace.notifier.queue;

import io.millrace.notifier.queue.Poll.Phase;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkAvailable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One queue's work of one type: what stands ready in each partition, the polls that wait for it, the listeners that want
 * to be told. Every method takes the entry's one lock for a moment and returns what is to be done after it; none calls
 * out. An entry that is empty is gone for good: {@link #park}, {@link #level} and {@link #listen} then return null, and
 * the caller looks for a new one.
 */
final class QueueEntry {

    private final WorkQueue key;
    private final PartitionLevels levels;
    private final WakeUps wakeUps;
    private final LateClaims late = new LateClaims();
    private final long leaseNanos;
    private final LongSupplier clock;
    private final Lines<Poll> polls = new Lines<>();
    /** Polls of workers that are drained. */
    private final Set<Poll> resting = new HashSet<>();

    private long nextTicket = 1;
    private int matching;
    private int oncePolls;
    private boolean gone;
    private boolean closed;

    /**
     * @param leaseNanos for how long a worker holds what it claimed
     * @param clock nanoseconds
     */
    QueueEntry(WorkQueue key, PartitionLevels levels, WakeUps wakeUps, long leaseNanos, LongSupplier clock) {
        this.key = key;
        this.levels = levels;
        this.wakeUps = wakeUps;
        this.leaseNanos = leaseNanos;
        this.clock = clock;
    }

    WorkQueue key() {
        return key;
    }

    /**
     * A poll arrives. It gets what its worker holds already or is about to hold, or claims known work. Otherwise it
     * waits in line, or is over if it may not wait.
     */
    synchronized @Nullable Effects park(Poll poll) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        poll.ticket(nextTicket++);
        wakeUps.polled(poll.workerId());
        WorkClaimed.Result held = closed ? null : late.take(poll);
        if (held != null) {
            poll.phase(Phase.OVER);
            effects.serve(poll, held);
        } else if (closed || !late.adopt(poll, levels)) {
            enqueue(poll);
        }
        return settled(effects);
    }

    /** A level arrives. One older than what is known changes nothing. */
    synchronized @Nullable Effects level(WorkAvailable level) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        if (levels.apply(level)) {
            settled(effects);
            wakeUps.repeat(level, effects);
        }
        effects.covered(isCovered(level));
        return left(effects);
    }

    /** The answer to a claim command arrives. */
    synchronized Effects claimed(ClaimBatch batch, WorkClaimed answer) {
        Effects effects = new Effects();
        PartitionLevel level = settle(batch);
        boolean newest = !answer.hasLeft() || levels.apply(answer.getLeft());
        for (int i = 0; i < batch.takers().size(); i++) {
            Poll poll = batch.takers().get(i);
            WorkClaimed.Result result = i < answer.getResultsCount() ? answer.getResults(i) : null;
            if (result != null && (result.hasWorkflow() || result.hasTask())) {
                serve(poll, batch, result, effects);
            } else if (result != null && result.getDraining()) {
                rest(poll, batch, effects);
            } else {
                putBack(poll, batch, effects);
                if (newest && level.freeKind(poll.filter()) != null) {
                    // Nothing was given out, yet something is said to be there: not to be asked again and again.
                    pause(level, effects);
                }
            }
        }
        return settled(effects);
    }

    /** The answer to a claim command arrives after it was taken for lost. */
    synchronized @Nullable Effects late(ClaimBatch batch, WorkClaimed answer) {
        if (gone) {
            return null;
        }
        if (levels.isUnanswered(batch)) {
            return claimed(batch, answer);
        }
        Effects effects = new Effects();
        for (int i = 0; i < Math.min(batch.takers().size(), answer.getResultsCount()); i++) {
            WorkClaimed.Result result = answer.getResults(i);
            if (result.hasWorkflow() || result.hasTask()) {
                serve(batch.takers().get(i), batch, result, effects);
            }
        }
        return settled(effects);
    }

    /** Nobody waits for the answer to a claim command any more. It is still welcome, but the work is not counted as taken. */
    synchronized Effects giveUp(ClaimBatch batch) {
        return levels.isUnanswered(batch) ? failed(batch) : settled(new Effects());
    }

    /** A claim command was not written, refused or not answered. */
    synchronized Effects failed(ClaimBatch batch) {
        Effects effects = new Effects();
        PartitionLevel level = settle(batch);
        batch.takers().forEach(poll -> putBack(poll, batch, effects));
        pause(level, effects);
        return settled(effects);
    }

    /**
     * Lets polls ride on a command that may bring work of the kind.
     *
     * @param most how many pieces it may bring
     * @return their claims, or null if nobody here waits for such work
     */
    synchronized @Nullable ClaimBatch board(int partition, String kind, int most, Effects effects) {
        if (closed || gone || levels.partition(partition).silent()) {
            return null;
        }
        ClaimBatch batch = null;
        for (int i = 0; i < most; i++) {
            Poll poll = polls.firstFitting(kind);
            if (poll == null) {
                break;
            }
            batch = batch == null ? ClaimBatch.riding(this, partition, clock.getAsLong()) : batch;
            dequeue(poll);
            batch.add(poll, kind);
            poll.claim(batch);
        }
        if (batch != null) {
            levels.ride(batch, effects);
        }
        return batch;
    }

    /** The command that claims rode on came to nothing: their polls stand where they stood. */
    synchronized Effects notCarried(ClaimBatch batch) {
        Effects effects = new Effects();
        settle(batch);
        batch.takers().forEach(poll -> putBack(poll, batch, effects));
        return settled(effects);
    }

    /**
     * Looks for claims whose answers are overdue. Their polls stand in line again, so that they can have work of other
     * partitions. The answer is still welcome to whoever has none by then.
     */
    synchronized Effects look(PartitionLevel level, long patienceNanos) {
        Effects effects = new Effects();
        level.watched(false);
        long now = clock.getAsLong();
        for (ClaimBatch batch : level.unanswered()) {
            if (now - batch.begunAt() >= patienceNanos) {
                effects.silence(level.fallSilent());
                batch.takers().forEach(poll -> putBack(poll, batch, effects));
            }
        }
        levels.watch(level, effects);
        return settled(effects);
    }

    /** The pause after a failed claim is over. */
    synchronized Effects resume(PartitionLevel level) {
        level.blocked(false);
        return settled(new Effects());
    }

    /** The time of a poll is over. While a claim for it is under way it gets a little more, once. */
    synchronized Effects expire(Poll poll) {
        Effects effects = new Effects();
        if (poll.phase() == Phase.CLAIMING && !poll.overdue()) {
            poll.becomeOverdue();
            effects.extend(poll);
        } else if (poll.phase() != Phase.OVER) {
            end(poll, effects);
        }
        return settled(effects);
    }

    /** Ends a poll early, with an empty answer, unless it is about to get work. */
    synchronized Effects interrupt(Poll poll) {
        Effects effects = new Effects();
        if (poll.phase() == Phase.WAITING || poll.phase() == Phase.RESTING) {
            end(poll, effects);
        }
        return settled(effects);
    }

    /**
     * The caller of a poll has gone, and gets no answer. Work that comes for it goes back, unless its worker has
     * another poll open by then.
     */
    synchronized Effects withdraw(Poll poll) {
        poll.becomeWithdrawn();
        over(poll);
        return settled(new Effects());
    }

    /** The worker did not poll in time for the work that was kept for it. */
    synchronized Effects giveUp(LateClaims.Kept work) {
        Effects effects = new Effects();
        if (late.drop(work)) {
            effects.giveBack(work.result());
        }
        return settled(effects);
    }

    /** Somebody listens. If work that fits is there, and neither a poll nor anybody woken is sure to take it, it is told at once. */
    synchronized @Nullable Effects listen(Listener listener) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        wakeUps.add(listener, effects);
        return settled(effects);
    }

    /**
     * Somebody does not listen any more.
     *
     * @param willPoll whether it leaves because it was woken, and its poll is to come
     */
    synchronized Effects leave(Listener listener, boolean willPoll) {
        wakeUps.remove(listener, willPoll);
        return settled(new Effects());
    }

    /** @return whether there is work that fits and that no waiting poll takes */
    synchronized boolean hasUnassigned(KindFilter filter) {
        return levels.unassigned(polls).keySet().stream().anyMatch(filter::fits);
    }

    /** The delay of a round is over: wakes more listeners if it says so. */
    synchronized Effects escalate(WakeRound round) {
        Effects effects = new Effects();
        wakeUps.expire(round, effects);
        return left(effects);
    }

    /** Nothing is claimed and nobody waits from now on: a poll that waits, or comes back to wait, gets an empty answer. */
    synchronized Effects close() {
        closed = true;
        return settled(new Effects());
    }

    /** @return whom the listeners here stand for */
    synchronized List<Wakeable> targets() {
        return wakeUps.targets();
    }

    private Effects settled(Effects effects) {
        if (closed) {
            endAll(effects);
            return left(effects);
        }
        match(effects);
        endHopeless(effects);
        if (!wakeUps.isEmpty()) {
            wakeUps.plan(levels.unassigned(polls), levels::ready, effects);
        }
        return left(effects);
    }

    private Effects left(Effects effects) {
        if (!gone && polls.isEmpty() && resting.isEmpty() && wakeUps.isEmpty() && levels.isEmpty() && late.isEmpty()) {
            gone = true;
            effects.entryGone();
        }
        return effects;
    }

    /** Brings waiting polls and free work together, in the order of the polls' places. */
    private void match(Effects effects) {
        matching++;
        Line<Poll> line;
        while ((line = polls.nextLine(matching)) != null) {
            PartitionLevel level = levels.forClaim(line.filter());
            if (level == null) {
                line.passOver(matching);
                continue;
            }
            Poll poll = line.first();
            dequeue(poll);
            levels.claim(poll, level, this, clock.getAsLong(), effects);
        }
        levels.depart(effects.claims());
    }

    /** Polls that may not wait end as soon as no work is known that they could get. */
    private void endHopeless(Effects effects) {
        if (oncePolls == 0) {
            return;
        }
        List<Poll> hopeless = new ArrayList<>();
        for (Line<Poll> line : polls.all()) {
            if (!levels.hasFree(line.filter())) {
                line.all().stream().filter(Poll::once).forEach(hopeless::add);
            }
        }
        hopeless.forEach(poll -> end(poll, effects));
    }

    private void endAll(Effects effects) {
        List<Poll> all = new ArrayList<>();
        polls.all().forEach(line -> all.addAll(line.all()));
        all.addAll(resting);
        all.forEach(poll -> end(poll, effects));
        late.dropAll().forEach(effects::giveBack);
    }

    private boolean isCovered(WorkAvailable level) {
        Map<String, Integer> unassigned = levels.unassigned(polls);
        return level.getKindsList().stream().noneMatch(ready -> unassigned.containsKey(ready.getKind()));
    }

    private PartitionLevel settle(ClaimBatch batch) {
        late.settled(batch);
        return levels.settle(batch);
    }

    /** Gives work to the poll that it was claimed for, or to another one of its worker, or keeps it for the next. */
    private void serve(Poll poll, ClaimBatch batch, WorkClaimed.Result result, Effects effects) {
        boolean leaseIsOver = clock.getAsLong() - batch.begunAt() >= leaseNanos;
        Poll taker = poll;
        if (poll.phase() == Phase.OVER) {
            taker = leaseIsOver ? null : otherOf(poll.taker(), LateClaims.kind(result));
        }
        if (taker != null) {
            over(taker);
            effects.serve(taker, result);
        } else if (closed || leaseIsOver || poll.withdrawn()) {
            effects.giveBack(result);
        } else {
            effects.keep(late.keep(poll.taker(), result));
            wakeUps.call(poll.workerId(), effects);
        }
    }

    /** @return an open poll of the worker that takes the kind, one that claims nothing yet if there is one; or null */
    private @Nullable Poll otherOf(Poll.Taker taker, String kind) {
        for (Line<Poll> line : polls.all()) {
            if (line.filter().fits(kind)) {
                for (Poll poll : line.all()) {
                    if (poll.taker().equals(taker)) {
                        return poll;
                    }
                }
            }
        }
        return levels.claiming(taker, kind);
    }

    private void putBack(Poll poll, ClaimBatch batch, Effects effects) {
        if (poll.phase() != Phase.CLAIMING || poll.claim() != batch) {
            return;
        }
        if (poll.overdue()) {
            end(poll, effects);
        } else {
            enqueue(poll);
        }
    }

    /** Its worker is drained: the poll stays empty, and asks for nothing until its time is over. */
    private void rest(Poll poll, ClaimBatch batch, Effects effects) {
        if (poll.phase() != Phase.CLAIMING || poll.claim() != batch) {
            return;
        }
        if (poll.overdue() || poll.once()) {
            end(poll, effects);
        } else {
            poll.phase(Phase.RESTING);
            resting.add(poll);
        }
    }

    private void pause(PartitionLevel level, Effects effects) {
        if (!level.blocked()) {
            level.blocked(true);
            effects.pause(level);
        }
    }

    private void end(Poll poll, Effects effects) {
        over(poll);
        effects.end(poll);
    }

    /** The poll is over. The next one of its worker takes over the claim that is under way for it. */
    private void over(Poll poll) {
        dequeue(poll);
        resting.remove(poll);
        if (poll.phase() == Phase.CLAIMING
                && levels.isUnanswered(Objects.requireNonNull(poll.claim(), "claim that is under way"))) {
            late.orphan(poll);
        }
        poll.phase(Phase.OVER);
    }

    private void enqueue(Poll poll) {
        poll.phase(Phase.WAITING);
        polls.add(poll);
        oncePolls += poll.once() ? 1 : 0;
    }

    private void dequeue(Poll poll) {
        if (poll.phase() == Phase.WAITING && polls.remove(poll)) {
            oncePolls -= poll.once() ? 1 : 0;
        }
    }
}
