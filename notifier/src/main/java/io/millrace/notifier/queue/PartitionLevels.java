package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkAvailable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What stands ready in each partition of a queue, and where the next claim goes. Guarded by the entry's lock. */
final class PartitionLevels {

    private final int claimsInFlight;
    private final int claimsPerCommand;
    private PartitionLevel[] partitions = new PartitionLevel[0];
    private int next;

    /** @param first where the search for work starts; random, so that nodes do not all start at the same partition */
    PartitionLevels(int claimsInFlight, int claimsPerCommand, int first) {
        this.claimsInFlight = claimsInFlight;
        this.claimsPerCommand = claimsPerCommand;
        this.next = first;
    }

    /** @return false if something newer is known already */
    boolean apply(WorkAvailable level) {
        return partition(level.getPartition()).apply(level);
    }

    PartitionLevel partition(int number) {
        if (number >= partitions.length) {
            partitions = Arrays.copyOf(partitions, number + 1);
        }
        if (partitions[number] == null) {
            partitions[number] = new PartitionLevel(number);
        }
        return partitions[number];
    }

    /**
     * @return the partition that is to get the next claim, or null. It has free work that fits, takes a claim now, and
     *     its work is first in order. Of several that are alike in that, each has its turn
     */
    @Nullable
    PartitionLevel forClaim(KindFilter filter) {
        PartitionLevel first = null;
        long firstMs = PartitionLevel.UNKNOWN;
        for (int i = 0; i < partitions.length; i++) {
            PartitionLevel level = partitions[Math.floorMod(next + i, partitions.length)];
            String kind = level != null && takesClaim(level) ? level.freeKind(filter) : null;
            if (kind != null && (first == null || level.freeOrderMs(kind) < firstMs)) {
                first = level;
                firstMs = level.freeOrderMs(kind);
            }
        }
        if (first != null) {
            next = first.partition() + 1;
        }
        return first;
    }

    private boolean takesClaim(PartitionLevel level) {
        return !level.blocked()
                && !level.silent()
                && (hasRoom(level.gathering()) || level.commandsUnanswered() < claimsInFlight);
    }

    /** Reserves a free piece for the poll in the command that gathers for the partition. */
    void claim(Poll poll, PartitionLevel level, QueueEntry entry, long now, Effects effects) {
        ClaimBatch batch = level.gathering();
        if (batch == null || !hasRoom(batch)) {
            batch = ClaimBatch.alone(entry, level.partition(), now);
            level.gathering(batch);
            level.sent(batch);
            effects.claim(batch);
            watch(level, effects);
        }
        String kind = Objects.requireNonNull(level.freeKind(poll.filter()), "kind that is free");
        level.reserve(kind);
        batch.add(poll, kind);
        poll.claim(batch);
    }

    /** Notes claims that ride on a command to the partition. */
    void ride(ClaimBatch batch, Effects effects) {
        PartitionLevel level = partition(batch.partition());
        level.sent(batch);
        watch(level, effects);
    }

    /** Has somebody come back to the partition while it owes answers; once at a time, however many commands go out. */
    void watch(PartitionLevel level, Effects effects) {
        if (!level.watched() && !level.unanswered().isEmpty()) {
            level.watched(true);
            effects.watch(level);
        }
    }

    private boolean hasRoom(@Nullable ClaimBatch batch) {
        return batch != null && batch.polls().size() < claimsPerCommand;
    }

    /** The commands leave: later claims gather in new ones. */
    void depart(List<ClaimBatch> batches) {
        batches.forEach(batch -> partition(batch.partition()).gathering(null));
    }

    /** The command was answered, or never will be: its reservations are void. */
    PartitionLevel settle(ClaimBatch batch) {
        PartitionLevel level = partition(batch.partition());
        level.answered(batch);
        batch.reserved().forEach(level::release);
        return level;
    }

    boolean isUnanswered(ClaimBatch batch) {
        return partition(batch.partition()).unanswered().contains(batch);
    }

    /** @return a poll of the worker for which a claim is under way and that takes the kind, or null */
    @Nullable
    Poll claiming(Poll.Taker taker, String kind) {
        for (PartitionLevel level : partitions) {
            if (level != null) {
                for (ClaimBatch batch : level.unanswered()) {
                    for (Poll poll : batch.takers()) {
                        boolean waits = poll.phase() == Poll.Phase.CLAIMING && poll.claim() == batch;
                        if (waits && poll.taker().equals(taker) && poll.filter().fits(kind)) {
                            return poll;
                        }
                    }
                }
            }
        }
        return null;
    }

    boolean hasFree(KindFilter filter) {
        for (PartitionLevel level : partitions) {
            if (level != null && level.freeKind(filter) != null) {
                return true;
            }
        }
        return false;
    }

    /** @return free pieces of each kind, less those that waiting polls will take as soon as a claim may be sent */
    Map<String, Integer> unassigned(Lines<Poll> polls) {
        Map<String, Integer> free = Map.of();
        for (PartitionLevel level : partitions) {
            if (level != null && !level.isEmpty()) {
                free = free.isEmpty() ? new HashMap<>(4) : free;
                level.addFreeTo(free);
            }
        }
        if (!free.isEmpty() && !polls.isEmpty()) {
            polls.all().forEach(new Takers(free)::take);
            free.values().removeIf(pieces -> pieces == 0);
        }
        return free;
    }

    /** @return pieces of the kind that are ready, claims under way or not */
    int ready(String kind) {
        int ready = 0;
        for (PartitionLevel level : partitions) {
            ready += level == null ? 0 : level.ready(kind);
        }
        return ready;
    }

    boolean isEmpty() {
        for (PartitionLevel level : partitions) {
            if (level != null && !level.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Lets lines of polls take from the free pieces. */
    private record Takers(Map<String, Integer> free) {

        void take(Line<Poll> line) {
            int takers = line.size();
            for (Map.Entry<String, Integer> kind : free.entrySet()) {
                if (takers > 0 && line.filter().fits(kind.getKey())) {
                    int taken = Math.min(takers, kind.getValue());
                    kind.setValue(kind.getValue() - taken);
                    takers -= taken;
                }
            }
        }
    }
}
