package io.millrace.infra.client.bulk;

import static io.millrace.infra.client.command.ListCommand.number;
import static io.millrace.infra.client.command.ListCommand.status;
import static io.millrace.infra.client.command.ListCommand.text;
import static io.millrace.infra.client.command.ListCommand.took;
import static io.millrace.infra.client.command.ListCommand.whole;

import io.millrace.infra.client.command.PlainList;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import java.util.List;

/** The list of bulk jobs. */
final class BulkJobs {

    static final PlainList LIST = new PlainList(
            "/bulk-jobs",
            "bulkJobs",
            "id",
            true,
            list -> List.of(
                    whole("ID", "id"),
                    status(),
                    whole("ACTION", "action"),
                    Column.of(
                            "THROUGH",
                            job -> Cell.of(BulkWaiter.through(job) + "/"
                                    + job.number("expected").orElse(0L))),
                    number("REFUSED", "refused"),
                    text("QUERY", "query"),
                    text("REASON", "reason").onlyWide(),
                    whole("BY", "requestedBy").onlyWide(),
                    list.age("AGE", "begunAt"),
                    took("begunAt", "endedAt")),
            "Lists bulk jobs, the newest first.",
            PlainList.LATE);

    private BulkJobs() {}
}
