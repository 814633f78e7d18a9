package io.millrace.ingest.config;

/**
 * What may be asked of one node in a second. 0: as much as comes.
 *
 * @param calls calls of clients, and HTTP requests
 * @param burst so many of them may come at once, after a time in which fewer came; 0: those of one second
 * @param payloadBytes bytes of what they carry
 */
public record RateLimits(long calls, long burst, long payloadBytes) {

    /** Nothing is limited. */
    public static final RateLimits NONE = new RateLimits(0, 0, 0);

    /** @return whether anything is limited */
    public boolean limits() {
        return calls > 0 || payloadBytes > 0;
    }

    /** @return what is limited, for people: empty where nothing is */
    @Override
    public String toString() {
        String ofCalls = calls > 0 ? calls + " calls a second" + (burst > 0 ? ", " + burst + " at once" : "") : "";
        String ofBytes = payloadBytes > 0 ? payloadBytes + " payload bytes a second" : "";
        return ofCalls.isEmpty() || ofBytes.isEmpty() ? ofCalls + ofBytes : ofCalls + ", " + ofBytes;
    }
}
