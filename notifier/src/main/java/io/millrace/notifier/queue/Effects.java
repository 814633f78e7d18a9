package io.millrace.notifier.queue;

import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import java.util.ArrayList;
import java.util.List;

/** What is to be done once the entry's lock is free again. Filled under the lock by one thread, and used by it. */
final class Effects {

    /** Work, and the poll that gets it. */
    record Served(Poll poll, WorkClaimed.Result result) {}

    /** A round that is to be looked after in so many nanoseconds. */
    record Timed(WakeRound round, long nanos) {}

    private List<Served> served = List.of();
    private List<WorkClaimed.Result> unwanted = List.of();
    private List<ClaimBatch> claims = List.of();
    private List<Listener> woken = List.of();
    private List<Timed> rounds = List.of();
    private List<Poll> ended = List.of();
    private List<Poll> overdue = List.of();
    private List<LateClaims.Kept> kept = List.of();
    private List<PartitionLevel> blocked = List.of();
    private List<PartitionLevel> watched = List.of();
    private boolean silenceBegun;
    private boolean covered;
    private boolean entryGone;

    List<Served> served() {
        return served;
    }

    void serve(Poll poll, WorkClaimed.Result result) {
        served = with(served, new Served(poll, result));
    }

    /** Work that nobody is there for. */
    List<WorkClaimed.Result> unwanted() {
        return unwanted;
    }

    void giveBack(WorkClaimed.Result result) {
        unwanted = with(unwanted, result);
    }

    List<ClaimBatch> claims() {
        return claims;
    }

    void claim(ClaimBatch batch) {
        claims = with(claims, batch);
    }

    List<Listener> woken() {
        return woken;
    }

    void wake(Listener listener) {
        woken = with(woken, listener);
    }

    /** Rounds to be looked after later. */
    List<Timed> rounds() {
        return rounds;
    }

    void time(WakeRound round, long nanos) {
        rounds = with(rounds, new Timed(round, nanos));
    }

    /** Polls to be answered empty. */
    List<Poll> ended() {
        return ended;
    }

    void end(Poll poll) {
        ended = with(ended, poll);
    }

    /** Polls whose time is over while a claim for them is under way. */
    List<Poll> overdue() {
        return overdue;
    }

    void extend(Poll poll) {
        overdue = with(overdue, poll);
    }

    /** Work that waits for the next poll of its worker from now on. */
    List<LateClaims.Kept> kept() {
        return kept;
    }

    void keep(LateClaims.Kept work) {
        kept = with(kept, work);
    }

    /** Partitions to be tried again after a pause. */
    List<PartitionLevel> blocked() {
        return blocked;
    }

    void pause(PartitionLevel level) {
        blocked = with(blocked, level);
    }

    /** Partitions that owe answers: somebody is to come back and look. */
    List<PartitionLevel> watched() {
        return watched;
    }

    void watch(PartitionLevel level) {
        watched = with(watched, level);
    }

    /** Whether a partition has just been found to owe an answer for long. */
    boolean silenceBegun() {
        return silenceBegun;
    }

    void silence(boolean begun) {
        silenceBegun |= begun;
    }

    /** Whether waiting polls take all the work of the level that came. */
    boolean covered() {
        return covered;
    }

    void covered(boolean now) {
        covered = now;
    }

    /** Whether the entry is empty and has to leave the index. */
    boolean isEntryGone() {
        return entryGone;
    }

    void entryGone() {
        entryGone = true;
    }

    private static <T> List<T> with(List<T> list, T element) {
        List<T> grown = list.isEmpty() ? new ArrayList<>(2) : list;
        grown.add(element);
        return grown;
    }
}
