package io.millrace.proto.hints;

import io.millrace.proto.v1.WorkAvailable;

/** The newest level of one place that others have not heard of, and how far it is on its way to them. Any thread. */
final class Slot {

    /** What is to be done with a level that was put into a slot. */
    enum Next {
        SEND,
        DELAY,
        /** It goes along with what is under way or delayed. */
        NOTHING,
        /** The slot was forgotten since it was found, and what is put into it would be said by nobody. */
        ELSEWHERE
    }

    private WorkAvailable pending;
    /** Of the newest. */
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

    /** The delay is over. @return whether its level is to be sent now */
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
    synchronized WorkAvailable take() {
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

    /** @return whether it is not needed any more; it is of no use from then on */
    synchronized boolean forgetIfIdle() {
        forgotten = forgotten || pending == null && !underWay && !delayed && !othersKnowOfWork;
        return forgotten;
    }
}
