package io.millrace.dispatcher.engine.command;

/**
 * How a partition stands with the partition of a queue, which lends it places. All of it is counted from when the limit came, and
 * only rises.
 *
 * @param asked how many places it wanted
 * @param lent how many it was lent
 * @param returned how many of them are free again
 */
public record PlaceLine(long asked, long lent, long returned) {

    /** @return whether it waits for one */
    public boolean waits() {
        return asked > lent;
    }

    /** @return the same, with one more lent */
    public PlaceLine lendOne() {
        return new PlaceLine(asked, lent + 1, returned);
    }
}
