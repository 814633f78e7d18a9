package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.queries.ExecutionQueries;

/** Says when lists have changed, so that nobody has to ask for them again and again. */
final class ChangeRoutes {

    private final ExecutionQueries queries;
    private final OrganisationLoads loads;
    private final ListChanges changes;

    ChangeRoutes(ExecutionQueries queries, OrganisationLoads loads) {
        this.queries = queries;
        this.loads = loads;
        changes = new ListChanges(queries);
    }

    HttpReply stream(HttpCall call) {
        // Where there is no read model, nothing changes ever: the request fails as one for a list does.
        queries.taken().join();
        OpenStreams open = OpenStreams.of(loads, call.asked().caller().orgId());
        if (!open.enter()) {
            return open.refusal();
        }
        String seen = call.lastEventId();
        return HttpReply.stream("text/event-stream", new ChangeStream(open, changes, seen == null ? "" : seen));
    }
}
