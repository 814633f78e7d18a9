package io.millrace.dispatcher.partition;

import io.millrace.proto.log.ReplySink;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the answers of a partition as far as its tenure allows. An answer promises that every later read sees what was
 * done. Another node may still serve reads without having done it; as long as that may be, answers wait. Stream thread.
 *
 * <p>When the tenure is over, the next owner carries out what was not committed, and answers it. What is known to be committed it begins
 * behind, so nobody but this node can answer that. Of the last commit it may be unknown whether it worked. Then the group is asked until it
 * says so, or callers have given up: if its offset is beyond the commands of that commit, they are answered here. Should the next owner have
 * carried them out and committed that, the caller hears the same twice, which the log of commands bears.
 *
 * <p>What waits is bounded. Beyond the bound the oldest is given up, whose caller hears that it is unknown what came of its command; what
 * hands work out is given up last, since that work would stand still for a lease.
 */
final class GatedAnswers {

    private static final Logger LOG = LoggerFactory.getLogger(GatedAnswers.class);

    /** Callers have given up long before so much waits. */
    private static final long MOST_BYTES = 64L << 20;

    /** As long as reports are waited for, which is longest. */
    private static final long ASKED_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Instead of an offset: it tells nothing of the commit. */
    static final long TELLS_NOTHING = -1;

    private final ReplySink replies;
    private final Supplier<TenureState.Answers> now;
    private final Supplier<BooleanSupplier> formerOwners;
    private final Repeater repeater;
    private final Supplier<CompletableFuture<Long>> committedOffset;
    private final long mostBytes;
    private final Deque<ReplyRecord> held = new ArrayDeque<>();
    /** How many of the first belong to commands of the last commit and those before it. */
    private int committing;
    /** And of those how many are known to be committed. */
    private int committed;
    /** Offset of the last command of that commit. */
    private long committingOffset = TELLS_NOTHING;

    private long heldBytes;
    private boolean tooMany;

    /**
     * @param repeater where those wait that outlive the tenure
     * @param committedOffset asks up to where the partition's commands are carried out, by whomever
     */
    GatedAnswers(
            ReplySink replies, Tenure tenure, Repeater repeater, Supplier<CompletableFuture<Long>> committedOffset) {
        this(replies, tenure::answers, tenure::formerOwners, repeater, committedOffset, MOST_BYTES);
    }

    /**
     * @param now whether answers are given at this moment
     * @param formerOwners makes what tells whether all who owned the partition before are sure to answer no reads any more
     * @param mostBytes bound of what waits
     */
    GatedAnswers(
            ReplySink replies,
            Supplier<TenureState.Answers> now,
            Supplier<BooleanSupplier> formerOwners,
            Repeater repeater,
            Supplier<CompletableFuture<Long>> committedOffset,
            long mostBytes) {
        this.replies = replies;
        this.now = now;
        this.formerOwners = formerOwners;
        this.repeater = repeater;
        this.committedOffset = committedOffset;
        this.mostBytes = mostBytes;
    }

    /**
     * A commit begins, with all that was carried out so far.
     *
     * @param offset of the last of these commands, or {@link #TELLS_NOTHING} where the group's offset is not that of what is carried out
     */
    void commitBegins(long offset) {
        committing = held.size();
        committingOffset = offset;
    }

    /** The last commit that began has worked. */
    void commitWorked() {
        committed = committing;
    }

    /** Gives it now, or later, or leaves it to the node that owns the partition. */
    void give(ReplyRecord reply) {
        if (held.isEmpty() && now.get() == TenureState.Answers.GIVEN) {
            replies.deliver(reply);
        } else {
            held.add(reply);
            heldBytes += reply.getSerializedSize();
            look();
            while (heldBytes > mostBytes && !held.isEmpty()) {
                giveUpOne();
            }
        }
    }

    private void giveUpOne() {
        if (!tooMany) {
            tooMany = true;
            LOG.warn("answers of a partition wait, and take more than {} bytes; the oldest are given up", mostBytes);
        }
        int place = 0;
        Iterator<ReplyRecord> each = held.iterator();
        while (each.hasNext()) {
            ReplyRecord reply = each.next();
            if (!reply.hasWorkClaimed() && !reply.hasRidden()) {
                each.remove();
                gone(place, reply);
                return;
            }
            place++;
        }
        gone(0, held.remove());
    }

    private void gone(int place, ReplyRecord reply) {
        heldBytes -= reply.getSerializedSize();
        committing -= place < committing ? 1 : 0;
        committed -= place < committed ? 1 : 0;
    }

    /** @return whether none waits */
    boolean empty() {
        return held.isEmpty();
    }

    /** Gives those that need wait no more. */
    void look() {
        switch (now.get()) {
            case GIVEN -> {
                while (!held.isEmpty()) {
                    ReplyRecord next = held.remove();
                    gone(0, next); // before it is given: should that fail, the next of those that are left is the first
                    replies.deliver(next);
                }
                tooMany = false;
            }
            case HELD -> {}
            case DROPPED -> {
                List<ReplyRecord> left = held.stream().limit(committed).toList();
                List<ReplyRecord> unsure = held.stream()
                        .skip(committed)
                        .limit(Math.max(0, committing - committed))
                        .toList();
                clear();
                if (!left.isEmpty()) {
                    giveLater(left);
                }
                if (!unsure.isEmpty() && committingOffset != TELLS_NOTHING) {
                    giveIfCommitted(unsure, committingOffset);
                }
            }
        }
    }

    private void clear() {
        held.clear();
        committing = 0;
        committed = 0;
        heldBytes = 0;
        tooMany = false;
    }

    private void giveIfCommitted(List<ReplyRecord> unsure, long offset) {
        long untilNanos = System.nanoTime() + ASKED_NANOS;
        repeater.add(new Runnable() {
            private CompletableFuture<Long> answer = committedOffset.get();

            @Override
            public void run() {
                if (System.nanoTime() - untilNanos >= 0) {
                    repeater.remove(this);
                } else if (answer.isDone()) {
                    if (!answer.isCompletedExceptionally() && answer.join() > offset) {
                        repeater.remove(this);
                        giveLater(unsure);
                    } else {
                        answer = committedOffset.get();
                    }
                }
            }
        });
    }

    /** Whoever owned the partition before may answer reads for a while, as before. */
    private void giveLater(List<ReplyRecord> left) {
        BooleanSupplier formerIsOut = formerOwners.get();
        repeater.add(new Runnable() {
            @Override
            public void run() {
                if (formerIsOut.getAsBoolean()) {
                    repeater.remove(this);
                    left.forEach(replies::deliver);
                }
            }
        });
    }
}
