package io.millrace.notifier.queue;

import io.millrace.notifier.queue.Poll.Phase;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkAvailable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * One queue's work of one type: what stands ready in each partition, the polls that wait for it, the listeners that want
 * to be told. Every method takes the entry's one lock for a moment and returns what is to be done after it; none calls
 * out. An entry that is empty is gone for good: its methods then return null, and the caller looks for a new one.
 */
final class QueueEntry {

    private final QueueKey key;
    private final int claimsInFlight;
    private final int claimsPerCommand;
    private final long escalationPauseNanos;
    private final Lines<Poll> polls = new Lines<>();
    private final Lines<Listener> listeners = new Lines<>();
    private final Map<String, WakeRound> rounds = new HashMap<>(2);
    private PartitionLevel[] partitions = new PartitionLevel[0];
    private long nextTicket = 1;
    private int nextPartition;
    private int matching;
    private int oncePolls;
    private boolean gone;

    /**
     * @param firstPartition where the search for work starts; random, so that nodes do not all start at the same one
     */
    QueueEntry(QueueKey key, int claimsInFlight, int claimsPerCommand, long escalationPauseNanos, int firstPartition) {
        this.key = key;
        this.claimsInFlight = claimsInFlight;
        this.claimsPerCommand = claimsPerCommand;
        this.escalationPauseNanos = escalationPauseNanos;
        this.nextPartition = firstPartition;
    }

    QueueKey key() {
        return key;
    }

    /** A poll arrives: it claims known work, else it waits in line, or is over if it may not wait. */
    synchronized Effects park(Poll poll) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        poll.ticket(nextTicket++);
        enqueue(poll);
        return settled(effects);
    }

    /** A level arrives. One older than what is known changes nothing. */
    synchronized Effects level(WorkAvailable level) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        if (partition(level.getPartition()).apply(level)) {
            settled(effects);
            for (WorkAvailable.KindReady ready : level.getKindsList()) {
                repeat(ready, effects);
            }
        }
        effects.covered(isCovered(level));
        return left(effects);
    }

    /** The answer to a claim command arrives. */
    synchronized Effects claimed(ClaimBatch batch, WorkClaimed answer) {
        Effects effects = new Effects();
        PartitionLevel level = partition(batch.partition());
        release(batch, level);
        boolean newest = !answer.hasLeft() || level.apply(answer.getLeft());
        for (int i = 0; i < batch.polls().size(); i++) {
            Poll poll = batch.polls().get(i);
            WorkClaimed.Result result = i < answer.getResultsCount() ? answer.getResults(i) : null;
            if (result != null && (result.hasWorkflow() || result.hasTask())) {
                serve(poll, result, effects);
            } else {
                putBack(poll, effects);
                if (newest && level.freeKind(poll.filter()) != null && !level.blocked()) {
                    pause(level, effects);
                }
            }
        }
        return settled(effects);
    }

    /** A claim command was not written, refused or not answered. */
    synchronized Effects failed(ClaimBatch batch) {
        Effects effects = new Effects();
        PartitionLevel level = partition(batch.partition());
        release(batch, level);
        batch.polls().forEach(poll -> putBack(poll, effects));
        if (!level.blocked()) {
            pause(level, effects);
        }
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
        if (poll.phase() == Phase.WAITING) {
            end(poll, effects);
        }
        return settled(effects);
    }

    /** The caller of a poll has gone: it gets no answer, and work that comes for it goes back. */
    synchronized Effects withdraw(Poll poll) {
        if (poll.phase() == Phase.WAITING) {
            dequeue(poll);
        }
        poll.phase(Phase.OVER);
        return settled(new Effects());
    }

    /** Somebody listens. If work that fits is there, and no poll takes it, it is told at once. */
    synchronized Effects listen(Listener listener) {
        if (gone) {
            return null;
        }
        Effects effects = new Effects();
        listener.ticket(nextTicket++);
        listeners.add(listener);
        settled(effects);
        if (!effects.woken().contains(listener) && hasUnassigned(listener.filter())) {
            effects.wake(listener);
        }
        return effects;
    }

    /** Somebody does not listen any more. */
    synchronized Effects leave(Listener listener) {
        listeners.remove(listener);
        return settled(new Effects());
    }

    /** @return whether there is work that fits and that no waiting poll takes */
    synchronized boolean hasUnassigned(KindFilter filter) {
        return unassigned().keySet().stream().anyMatch(filter::fits);
    }

    /** The delay of a round is over: wakes more listeners if it says so. */
    synchronized Effects escalate(WakeRound round) {
        Effects effects = new Effects();
        if (rounds.get(round.kind()) == round) {
            wake(round.kind(), round.expire(listeners.fitting(round.kind()), System.nanoTime()), effects);
            arrange(round, effects);
            if (round.isIdle()) {
                rounds.remove(round.kind());
            }
        }
        return left(effects);
    }

    /** Ends everything that waits here: polls with an empty answer. */
    synchronized List<Poll> clear() {
        List<Poll> all = new ArrayList<>();
        polls.all().forEach(line -> all.addAll(line.all()));
        Effects effects = new Effects();
        all.forEach(poll -> end(poll, effects));
        return all;
    }

    /** @return the targets of all that listen here */
    synchronized Collection<Wakeable> targets() {
        List<Wakeable> targets = new ArrayList<>();
        listeners.all().forEach(line -> line.all().forEach(listener -> targets.add(listener.target())));
        return targets;
    }

    private Effects settled(Effects effects) {
        match(effects);
        endHopeless(effects);
        planWakes(effects);
        return left(effects);
    }

    private Effects left(Effects effects) {
        if (polls.isEmpty() && listeners.isEmpty() && !gone) {
            gone = true;
            for (PartitionLevel level : partitions) {
                gone &= level == null || level.isEmpty();
            }
            effects.entryGone(gone);
        }
        return effects;
    }

    /** Brings waiting polls and free work together, in the order of the polls' places. */
    private void match(Effects effects) {
        matching++;
        Line<Poll> line;
        while ((line = polls.nextLine(matching)) != null) {
            PartitionLevel level = partitionFor(line.filter());
            if (level == null) {
                line.passOver(matching);
                continue;
            }
            Poll poll = line.first();
            dequeue(poll);
            poll.phase(Phase.CLAIMING);
            claim(poll, level, effects);
        }
        for (ClaimBatch batch : effects.claims()) {
            partition(batch.partition()).gathering(null);
        }
    }

    private void claim(Poll poll, PartitionLevel level, Effects effects) {
        ClaimBatch batch = level.gathering();
        if (batch == null || batch.polls().size() >= claimsPerCommand) {
            batch = new ClaimBatch(this, level.partition());
            level.gathering(batch);
            level.sent();
            effects.claim(batch);
        }
        String kind = level.freeKind(poll.filter());
        level.reserve(kind);
        batch.add(poll, kind);
    }

    private PartitionLevel partitionFor(KindFilter filter) {
        for (int i = 0; i < partitions.length; i++) {
            PartitionLevel level = partitions[Math.floorMod(nextPartition + i, partitions.length)];
            if (level != null && takesClaims(level) && level.freeKind(filter) != null) {
                nextPartition = level.partition() + 1;
                return level;
            }
        }
        return null;
    }

    private boolean takesClaims(PartitionLevel level) {
        boolean gathers = level.gathering() != null && level.gathering().polls().size() < claimsPerCommand;
        return !level.blocked() && (gathers || level.inFlight() < claimsInFlight);
    }

    /** Polls that may not wait end as soon as no work is known that they could get. */
    private void endHopeless(Effects effects) {
        if (oncePolls == 0) {
            return;
        }
        List<Poll> hopeless = new ArrayList<>();
        for (Line<Poll> line : polls.all()) {
            if (!hasFree(line.filter())) {
                line.all().stream().filter(Poll::once).forEach(hopeless::add);
            }
        }
        hopeless.forEach(poll -> end(poll, effects));
    }

    private boolean hasFree(KindFilter filter) {
        for (PartitionLevel level : partitions) {
            if (level != null && level.freeKind(filter) != null) {
                return true;
            }
        }
        return false;
    }

    private void planWakes(Effects effects) {
        if (listeners.isEmpty()) {
            rounds.clear();
            return;
        }
        Map<String, Integer> unassigned = unassigned();
        long now = System.nanoTime();
        for (Iterator<WakeRound> all = rounds.values().iterator(); all.hasNext(); ) {
            WakeRound round = all.next();
            if (!unassigned.containsKey(round.kind())) {
                round.update(0, 0, now);
                if (round.isIdle()) {
                    all.remove();
                }
            }
        }
        unassigned.forEach((kind, pieces) -> {
            int crowd = listeners.fitting(kind);
            if (crowd > 0) {
                WakeRound round = rounds.computeIfAbsent(kind, WakeRound::new);
                wake(kind, round.update(pieces, crowd, now), effects);
                arrange(round, effects);
            }
        });
    }

    /** Free work of each kind, less what waiting polls will take once a claim may be sent. */
    private Map<String, Integer> unassigned() {
        Map<String, Integer> free = Map.of();
        for (PartitionLevel level : partitions) {
            if (level != null && !level.isEmpty()) {
                free = free.isEmpty() ? new HashMap<>(4) : free;
                level.addFreeTo(free);
            }
        }
        if (free.isEmpty() || polls.isEmpty()) {
            return free;
        }
        for (Line<Poll> line : polls.all()) {
            int takers = line.size();
            for (Map.Entry<String, Integer> kind : free.entrySet()) {
                if (takers > 0 && line.filter().fits(kind.getKey())) {
                    int taken = Math.min(takers, kind.getValue());
                    kind.setValue(kind.getValue() - taken);
                    takers -= taken;
                }
            }
        }
        free.values().removeIf(pieces -> pieces == 0);
        return free;
    }

    private void repeat(WorkAvailable.KindReady ready, Effects effects) {
        WakeRound round = rounds.get(ready.getKind());
        if (round != null && ready.getReady() > 0) {
            int crowd = listeners.fitting(round.kind());
            wake(round.kind(), round.repeat(crowd, System.nanoTime(), escalationPauseNanos), effects);
            arrange(round, effects);
        }
    }

    private void wake(String kind, int many, Effects effects) {
        for (int i = 0; i < many; i++) {
            Listener listener = listeners.firstFitting(kind);
            listeners.remove(listener);
            listener.ticket(nextTicket++);
            listeners.add(listener);
            effects.wake(listener);
        }
    }

    private static void arrange(WakeRound round, Effects effects) {
        if (round.takeTimer()) {
            effects.time(round);
        }
    }

    private boolean isCovered(WorkAvailable level) {
        Map<String, Integer> unassigned = unassigned();
        for (WorkAvailable.KindReady ready : level.getKindsList()) {
            if (unassigned.containsKey(ready.getKind())) {
                return false;
            }
        }
        return true;
    }

    private void serve(Poll poll, WorkClaimed.Result result, Effects effects) {
        if (poll.phase() == Phase.CLAIMING) {
            poll.phase(Phase.OVER);
            effects.serve(poll, result);
        } else {
            effects.giveBack(result);
        }
    }

    private void putBack(Poll poll, Effects effects) {
        if (poll.phase() != Phase.CLAIMING) {
            return;
        }
        if (poll.overdue()) {
            end(poll, effects);
        } else {
            enqueue(poll);
        }
    }

    private void release(ClaimBatch batch, PartitionLevel level) {
        level.answered();
        batch.reserved().forEach(level::release);
    }

    private void pause(PartitionLevel level, Effects effects) {
        level.blocked(true);
        effects.pause(level);
    }

    private void end(Poll poll, Effects effects) {
        if (poll.phase() == Phase.WAITING) {
            dequeue(poll);
        }
        poll.phase(Phase.OVER);
        effects.end(poll);
    }

    private void enqueue(Poll poll) {
        poll.phase(Phase.WAITING);
        polls.add(poll);
        oncePolls += poll.once() ? 1 : 0;
    }

    private void dequeue(Poll poll) {
        if (polls.remove(poll)) {
            oncePolls -= poll.once() ? 1 : 0;
        }
    }

    private PartitionLevel partition(int number) {
        if (number >= partitions.length) {
            partitions = Arrays.copyOf(partitions, number + 1);
        }
        if (partitions[number] == null) {
            partitions[number] = new PartitionLevel(number);
        }
        return partitions[number];
    }
}
