package io.millrace.ingest.http;

import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.search.SortOrder;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.ExecutionStatus;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The query parameters that lists have in common, and the form of their answers. */
final class Paging {

    /** Query parameter that says where a part begins. */
    static final String CURSOR = "cursor";

    /** Field that says where the next part begins; null: nothing comes behind. */
    static final String NEXT = "nextCursor";

    private Paging() {}

    /** @return the part of the list that {@code limit} and {@code cursor} ask for */
    static PageRequest of(HttpCall call) {
        return of(call, "");
    }

    /** As above, of a list that has an order of its own. */
    static PageRequest of(HttpCall call, SortOrder order) {
        return of(call, order.isUsual() ? "" : order.name());
    }

    private static PageRequest of(HttpCall call, String order) {
        int limit = call.parameter("limit").map(Paging::limit).orElse(PageRequest.DEFAULT_LIMIT);
        Cursor after = call.parameter(CURSOR)
                .map(text -> Cursor.parse(text)
                        .filter(cursor -> cursor.order().equals(order))
                        .orElseThrow(() -> RefusedException.invalid("expected the nextCursor of an earlier answer to"
                                + " the same query as cursor, but got " + Checks.shown(text))))
                .orElse(null);
        return new PageRequest(limit, after);
    }

    /**
     * @param field name of the field that holds the items
     * @return the answer: the items, as many as fit into {@link PageRequest#MAX_BYTES}, and where the next part begins
     */
    static <T> HttpReply reply(String field, Page<T> page, Json.ItemContent<T> item) {
        return HttpReply.json(200, Json.object(json -> {
            List<Page.Row<T>> rows = page.rows();
            // What a text takes as JSON is known only once it is written: a control character takes six bytes.
            int written = json.objects(field, rows, PageRequest.MAX_BYTES, (out, row) -> item.write(out, row.item()));
            boolean more = page.more() || written < rows.size();
            json.text(NEXT, more ? rows.get(written - 1).place().encode() : null);
        }));
    }

    /** @return the status asked for, or null */
    static @Nullable ExecutionStatus status(HttpCall call) {
        return call.parameter("status")
                .map(text -> Arrays.stream(ExecutionStatus.values())
                        .filter(status -> status != ExecutionStatus.EXECUTION_STATUS_UNSPECIFIED
                                && status != ExecutionStatus.UNRECOGNIZED
                                && status.name().equals(text))
                        .findFirst()
                        .orElseThrow(() -> RefusedException.invalid("expected PENDING, RUNNING, WAITING, COMPLETED,"
                                + " FAILED, CANCELLED or CONTINUED_AS_NEW as status, but got " + Checks.shown(text))))
                .orElse(null);
    }

    private static int limit(String text) {
        // By its digits, for a parser would also take a sign and the digits of other scripts.
        if (text.matches("[0-9]{1,4}")) {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= PageRequest.MAX_LIMIT) {
                return limit;
            }
        }
        throw RefusedException.invalid(
                "expected 1 to " + PageRequest.MAX_LIMIT + " as limit, but got " + Checks.shown(text));
    }
}
