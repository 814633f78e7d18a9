package io.millrace.ingest.limits;

/**
 * What may be under way on a node at a time. Of each, one organisation may have as much as it leaves free.
 *
 * @param calls gRPC calls and HTTP requests, without polls, subscriptions and event streams
 * @param polls polls, subscriptions and calls that wait for an end
 * @param streams event streams
 * @param histories histories that are read or handed out
 * @param historiesOfAConnection the same of one connection
 * @param unreadBytes answers that clients have not taken yet
 * @param unreadBytesOfAConnection the same of one connection
 * @param requestBytes requests that are under way, or have come in part
 */
public record LoadSettings(
        int calls,
        int polls,
        int streams,
        int histories,
        int historiesOfAConnection,
        long unreadBytes,
        long unreadBytesOfAConnection,
        long requestBytes) {

    /** @return what fits a node with some GB of memory */
    public static LoadSettings defaults() {
        return new LoadSettings(20_000, 50_000, 2_000, 256, 32, 256 << 20, 8 << 20, 256 << 20);
    }

    /** @return the same with another number of event streams */
    public LoadSettings withStreams(int other) {
        return new LoadSettings(
                calls,
                polls,
                other,
                histories,
                historiesOfAConnection,
                unreadBytes,
                unreadBytesOfAConnection,
                requestBytes);
    }
}
