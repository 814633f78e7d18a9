package io.millrace.ingest.operations;

import io.millrace.ingest.search.Search;
import java.util.Map;
import java.util.Optional;

/**
 * A bulk job as somebody asks for it.
 *
 * @param query what finds its items, as it was written
 * @param search the same, read
 * @param reason why
 * @param rate most items in a second
 * @param forceAfterMs of cancellations, how long workers have to end what is cancelled; 0: no time
 * @param reset of resets, from where each goes on; empty for other actions
 * @param key under which the same is asked for again when the answer was lost; empty: each time it is another job
 */
public record NewBulkJob(
        BulkAction action,
        String query,
        Search search,
        String reason,
        int rate,
        long forceAfterMs,
        Optional<Reset> reset,
        String key) {

    /** @return what is asked of each besides, by name, as the job keeps it */
    Map<String, String> how() {
        return reset.map(Reset::parameters).orElse(Map.of());
    }
}
