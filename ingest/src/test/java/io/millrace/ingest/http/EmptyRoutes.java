package io.millrace.ingest.http;

import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.Sources;
import java.util.List;
import java.util.Optional;

/** Routes with nothing behind them, for tests of what comes before. */
final class EmptyRoutes {

    private EmptyRoutes() {}

    static Routes of(OrganisationLoads loads) {
        Sources nothing = new Sources(null, null, null, null, null, null, null);
        return new Routes(null, nothing, loads, null, null, 1, List.of(), Optional.empty());
    }
}
