package io.millrace.proto.levels;

import io.millrace.proto.v1.WorkAvailable;
import org.jspecify.annotations.Nullable;

/**
 * The newest level of one place that other nodes have not heard of, and how far it is on its way to them. Any thread.
 */
final class Slot {

    /** What is to be done with a level that was put into a slot. */
    enum Next {
        SEND,
        DELAY,
        /** It goes along with the level that is under way or delayed. */
        NOTHING,
        /** The slot was forgotten in the meantime, so nobody would send its level. Look for a new slot. */
        ELSEWHERE
    }

    private @Nullable WorkAvailable pending;
    /** Position of the newest level. */
    private long position = -1;

    private boolean underWay;
    private boolean delayed;
    private boolean othersKnowOfWork;
    private boolean forgotten;

    /** @param urgent whether others are to hear of it at once */
    synchronized Next put(WorkAvailable level, boolean urgent) {
        if (forgotten) {
            return Next.ELSEWHERE;
        }
        if (level.getPosition() < position) {
            return Next.NOTHING; // said again just when a newer one came
        }
        position = level.getPosition();
        pending = level;
        if (underWay || !urgent && delayed) {
            return Next.NOTHING;
        }
        underWay = urgent;
        delayed = delayed || !urgent;
        return urgent ? Next.SEND : Next.DELAY;
    }

    /**
     * The delay is over.
     *
     * @return whether its level is to be sent now
     */
    synchronized boolean overdue() {
        delayed = false;
        if (pending != null && pending.getKindsCount() == 0 && !othersKnowOfWork) {
            pending = null; // it came and went unheard, and may stay so
        }
        if (pending == null || underWay) {
            return false;
        }
        underWay = true;
        return true;
    }

    /** @return what is to be sent; null: nothing, and nothing is under way any more */
    synchronized @Nullable WorkAvailable take() {
        WorkAvailable level = pending;
        pending = null;
        if (level == null) {
            underWay = false;
        } else {
            othersKnowOfWork = level.getKindsCount() > 0;
        }
        return level;
    }

    /** What was taken could not be sent: nothing is under way. */
    synchronized void unsent() {
        underWay = false;
    }

    /** @return whether the slot is no longer needed; if so, it must not be used any more */
    synchronized boolean forgetIfIdle() {
        forgotten = forgotten || pending == null && !underWay && !delayed && !othersKnowOfWork;
        return forgotten;
    }
}
