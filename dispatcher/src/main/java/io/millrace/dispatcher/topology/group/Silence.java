package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.Lease;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/**
 * When Kafka did not answer. One that refuses has answered. What is short says nothing: an answer may be late for many reasons, and nobody
 * missed it. Times are values of {@link System#nanoTime}. Told by one thread; asked by any.
 */
final class Silence {

    /** So long it is since the last answer, at the least, where none came. */
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** An answer that takes longer came after a silence. */
    private final long longNanos;

    /** Of the thread that tells; null: it has never answered. */
    private @Nullable Long answeredNanos;

    private volatile @Nullable Stretch last;

    private record Stretch(boolean isOver, long untilNanos) {}

    /**
     * @param patienceNanos how long an answer is waited for. Where that is long, answers may take seconds as a rule, which is no silence:
     *     half of it is
     */
    Silence(long patienceNanos) {
        longNanos = Math.max(Lease.LENGTH_NANOS, patienceNanos / 2);
    }

    /** It has answered. One that was patient enough sees a silence as an answer that took long. */
    void answered(long askedNanos, long nowNanos) {
        Stretch stretch = last;
        boolean goesOn = stretch != null && !stretch.isOver();
        if (goesOn || answeredNanos != null && nowNanos - askedNanos >= longNanos) {
            last = new Stretch(true, nowNanos);
        }
        answeredNanos = nowNanos;
    }

    /** It was asked, and has not answered by now. */
    void failed(Throwable why, long nowNanos) {
        Long answered = answeredNanos;
        if (answered != null && nowNanos - answered >= LEAST_NANOS && isSilence(why)) {
            last = new Stretch(false, nowNanos);
        }
    }

    private static boolean isSilence(Throwable why) {
        Throwable cause = why instanceof ExecutionException && why.getCause() != null ? why.getCause() : why;
        return cause instanceof TimeoutException || cause instanceof RetriableException;
    }

    /** @return end of the last stretch in which it did not answer; now, if it still does not; empty: it always did */
    OptionalLong untilNanos(long nowNanos) {
        Stretch stretch = last;
        if (stretch == null) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(stretch.isOver() ? stretch.untilNanos() : nowNanos);
    }
}
