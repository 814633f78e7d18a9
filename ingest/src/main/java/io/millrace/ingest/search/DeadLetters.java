package io.millrace.ingest.search;

import java.util.List;

/**
 * What goes on no more by itself, and waits for somebody: workflows that are handed out again and again, or ended so, and tasks that are
 * out of attempts. What somebody has dismissed waits no more. Nor does a task whose workflow ended otherwise than by failing, or goes on
 * in another run: that one has tasks of its own.
 */
public final class DeadLetters {

    /** Delivered more than once in a row: each worker before died, fell silent, or reported what was refused. */
    private static final String WORKFLOWS =
            "attempt > 1 AND status IN (PENDING, RUNNING, FAILED) AND successor IS NULL AND dismissed IS NULL";

    private static final String TASKS =
            "status = FAILED AND left = 0 AND dismissed IS NULL AND workflow.successor IS NULL"
                    + " AND workflow.status NOT IN (COMPLETED, CANCELLED, CONTINUED_AS_NEW)";

    private DeadLetters() {}

    /** @return the query that finds all of them, which lists and bulk jobs take */
    public static String query(Subject of) {
        return switch (of) {
            case WORKFLOWS -> WORKFLOWS;
            case TASKS -> TASKS;
        };
    }

    /** @return those among what the search finds, in its order */
    public static Search among(Subject of, Search search) {
        Condition dead = Search.parse(of, query(of)).condition();
        Condition asked = search.condition();
        return new Search(
                dead == null || asked == null ? dead : new Condition.And(List.of(asked, dead)), search.order());
    }
}
