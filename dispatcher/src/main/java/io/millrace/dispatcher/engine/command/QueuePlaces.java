package io.millrace.dispatcher.engine.command;

/**
 * The places of a queue with a limit, as one partition has them. All but the spare ones are counted from when the limit came, and
 * only rise. What was lent and has not come back is spare, or work in flight.
 *
 * @param epoch of the limit
 * @param begun how much was in flight when the limit came: that counts as wanted and lent
 * @param asked how many places were wanted
 * @param lent how many were lent
 * @param returned how many are free again, and were told to be
 * @param spare how many of those that were lent wait for work to be handed out
 * @param lentMs since when nobody has used the spare ones, milliseconds since the epoch: when the first of them was lent, or one was taken
 */
public record QueuePlaces(long epoch, long begun, long asked, long lent, long returned, int spare, long lentMs) {

    /**
     * After so long spare places go back, milliseconds. Whoever wanted them may have gone, and others wait. It is longer than most
     * pauses between two polls of a worker that does not wait.
     */
    public static final long SPARE_MS = 10_000;

    /** @return how it begins, with so much in flight */
    public static QueuePlaces begin(long epoch, int inFlight) {
        return new QueuePlaces(epoch, inFlight, inFlight, inFlight, 0, 0, 0);
    }

    /** @return how many are on their way */
    public long awaited() {
        return asked - lent;
    }

    /** @return how many are free again or were, with so much in flight; where that is more than were returned, some are to go back */
    public long free(int inFlight) {
        return lent - spare - inFlight;
    }

    /** @return the same, with more wanted */
    public QueuePlaces asking(int more) {
        return new QueuePlaces(epoch, begun, asked + more, lent, returned, spare, lentMs);
    }

    /** @return the same, with so many lent by now. Those that wait already do not wait longer for it */
    public QueuePlaces lent(long total, long timeMs) {
        return new QueuePlaces(
                epoch,
                begun,
                Math.max(asked, total),
                total,
                returned,
                (int) (spare + total - lent),
                spare == 0 ? timeMs : lentMs);
    }

    /** @return the same, with so many free again by now */
    public QueuePlaces returned(long total) {
        return new QueuePlaces(epoch, begun, asked, lent, total, spare, lentMs);
    }

    /** @return the same, with so many spare ones at the most; the others go back */
    public QueuePlaces keeping(int most) {
        int kept = Math.min(spare, most);
        return new QueuePlaces(epoch, begun, asked, lent, returned + spare - kept, kept, lentMs);
    }

    /** @return the same, with one spare place less: somebody uses them */
    public QueuePlaces taken(long timeMs) {
        return new QueuePlaces(epoch, begun, asked, lent, returned, spare - 1, timeMs);
    }
}
