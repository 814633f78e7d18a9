package io.millrace.dispatcher.partition;

import io.millrace.proto.log.ReplySink;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Gives the answers of a partition as far as its tenure allows. An answer promises that every later read sees what was
 * done. Another node may still serve reads without having done it; as long as that may be, answers wait. Stream thread.
 */
final class GatedAnswers {

    private final ReplySink replies;
    private final Tenure tenure;
    private final Deque<ReplyRecord> held = new ArrayDeque<>();

    GatedAnswers(ReplySink replies, Tenure tenure) {
        this.replies = replies;
        this.tenure = tenure;
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
            }
            case HELD -> {}
            case DROPPED -> held.clear();
        }
    }
}
