package io.millrace.dispatcher.partition;

import io.millrace.proto.log.ReplySink;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Gives the answers of a partition as far as its tenure allows. An answer promises that every later read sees what was
 * done. Another node may still serve reads without having done it; as long as that may be, answers wait. Stream thread.
 *
 * <p>When the tenure is over, the next owner carries out what was not committed, and answers it. What is known to be committed it begins
 * behind, so nobody but this node can answer that.
 */
final class GatedAnswers {

    private final ReplySink replies;
    private final Tenure tenure;
    private final Repeater repeater;
    private final Deque<ReplyRecord> held = new ArrayDeque<>();
    /** How many of the first belong to commands of the last commit and those before it. */
    private int committing;
    /** And of those how many are known to be committed. */
    private int committed;

    /** @param repeater where those wait that outlive the tenure */
    GatedAnswers(ReplySink replies, Tenure tenure, Repeater repeater) {
        this.replies = replies;
        this.tenure = tenure;
        this.repeater = repeater;
    }

    /** A commit begins, with all that was carried out so far. */
    void commitBegins() {
        committing = held.size();
    }

    /** The last commit that began has worked. */
    void commitWorked() {
        committed = committing;
    }

    /** Gives it now, or later, or leaves it to the node that owns the partition. */
    void give(ReplyRecord reply) {
        if (held.isEmpty() && tenure.answers() == TenureState.Answers.GIVEN) {
            replies.deliver(reply);
        } else {
            held.add(reply);
            look();
        }
    }

    /** @return whether none waits */
    boolean empty() {
        return held.isEmpty();
    }

    /** Gives those that need wait no more. */
    void look() {
        switch (tenure.answers()) {
            case GIVEN -> {
                for (ReplyRecord next = held.poll(); next != null; next = held.poll()) {
                    replies.deliver(next);
                }
                clear();
            }
            case HELD -> {}
            case DROPPED -> {
                List<ReplyRecord> left = held.stream().limit(committed).toList();
                clear();
                if (!left.isEmpty()) {
                    giveLater(left);
                }
            }
        }
    }

    private void clear() {
        held.clear();
        committing = 0;
        committed = 0;
    }

    /** Whoever owned the partition before may answer reads for a while, as before. */
    private void giveLater(List<ReplyRecord> left) {
        BooleanSupplier formerIsOut = tenure.formerOwners();
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
