package io.millrace.ingest.operations;

import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.SearchFault;
import org.jspecify.annotations.Nullable;

/**
 * What a bulk job does to what its query finds, as far as this version knows it. The two were read when the job began, so a fault means that
 * another version did that, which may run beside this one. Immutable.
 *
 * @param name of the action, as the job has it
 * @param query as the job has it
 * @param action null where this version does not know it
 * @param search null where this version cannot read the query
 * @param unknown why one of the two is null
 */
record BulkWork(
        String name,
        String query,
        @Nullable BulkAction action,
        @Nullable Search search,
        @Nullable String unknown) {

    /** @param begunMs when the job began, milliseconds since the epoch: what was created later is no item */
    static BulkWork read(String name, String query, long begunMs) {
        BulkAction action = BulkAction.of(name).orElse(null);
        if (action == null) {
            return new BulkWork(name, query, null, null, "expected an action that this version knows, but got " + name);
        }
        try {
            Search search = action.within(Search.parse(action.subject(), query)).asOf(action.subject(), begunMs);
            return new BulkWork(name, query, action, search, null);
        } catch (SearchFault e) {
            return new BulkWork(name, query, action, null, e.getMessage());
        }
    }

    /** @return whether it was read from these */
    boolean isOf(String otherName, String otherQuery) {
        return name.equals(otherName) && query.equals(otherQuery);
    }
}
