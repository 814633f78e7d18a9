package io.millrace.infra.client;

import static io.millrace.infra.client.ListCommand.number;
import static io.millrace.infra.client.ListCommand.status;
import static io.millrace.infra.client.ListCommand.text;
import static io.millrace.infra.client.ListCommand.took;
import static io.millrace.infra.client.ListCommand.whole;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;
import io.millrace.infra.client.print.Column;
import io.millrace.infra.client.print.Times;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** Lists of which nothing is to be said but where they are, and what their columns are. */
enum PlainList {
    SCHEDULES(
            "/schedules",
            "schedules",
            "name",
            true,
            list -> List.of(
                    whole("NAME", "name"),
                    status(),
                    Column.flexible("WHEN", item -> Cell.of(ScheduleTimingCommand.when(item))),
                    text("KIND", "kind"),
                    text("QUEUE", "queue").onlyWide(),
                    whole("NEXT", "nextRunAt"),
                    list.age("LAST", "lastRunAt"),
                    number("RUNS", "runs"),
                    number("SKIPPED", "skipped").onlyWide(),
                    whole("OVERLAP", "overlap").onlyWide(),
                    whole("MISSED", "missed").onlyWide()),
            "Lists schedules, the newest first.",
            Late.TEXT),
    BULK_JOBS(
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
            Late.TEXT),
    QUERIES(
            SavedQueries.PATH,
            "savedQueries",
            "name",
            false,
            list -> List.of(
                    whole("NAME", "name"),
                    whole("OF", "subject"),
                    text("QUERY", "query"),
                    text("ABOUT", "about"),
                    whole("BY", "savedBy").onlyWide(),
                    list.age("AGE", "savedAt").onlyWide()),
            "Lists the queries that have names, in the order of these."),
    QUEUES(
            "/queues",
            "queues",
            "queue",
            false,
            list -> List.of(
                    text("QUEUE", "queue"),
                    whole("WORK", "workType"),
                    number("READY", "ready"),
                    Column.of(
                            "OLDEST",
                            item -> Cell.of(Times.length(
                                    Duration.ofMillis(item.number("oldestAgeMs").orElse(0L))))),
                    Column.flexible("LIMIT", item -> Cell.of(QueueShowCommand.limit(item))),
                    Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, list.now()))),
                    number("VERSION", "policyVersion").onlyWide()),
            "Lists queues with work that waits for a worker: how much, and for how long the oldest.",
            "Those that are paused or limited are listed too, whether or not there is work in them."),
    KINDS(
            "/kinds",
            "kinds",
            "kind",
            false,
            list -> List.of(
                    text("KIND", "kind"),
                    whole("WORK", "workType"),
                    Column.flexible("PAUSED", item -> Cell.of(QueueShowCommand.paused(item, list.now()))),
                    number("VERSION", "policyVersion").onlyWide()),
            "Lists kinds of work that are paused. All others are handed out."),
    KEYS(
            "/keys",
            "keys",
            "id",
            false,
            list -> List.of(
                    whole("ID", "id"),
                    whole("KEY", "key"),
                    status(),
                    whole("ROLE", "role"),
                    text("PRINCIPAL", "principalId"),
                    text("NAME", "name"),
                    list.age("AGE", "createdAt"),
                    whole("EXPIRES", "expiresAt"),
                    text("CREATED BY", "createdBy").onlyWide(),
                    whole("REVOKED", "revokedAt").onlyWide(),
                    whole("CALLS/S", "callsPerSecond").onlyWide()),
            "Lists the API keys that were made while the server ran, the newest first, without the keys themselves.",
            "KEY is what the audit trail calls them. Those of the access file stand there.");

    /** A constant of the enum itself would not be there yet when its values are made. */
    private static final class Late {

        private static final String TEXT =
                "What happened in the last moments may be missing: the read model follows the log.";
    }

    private final String path;
    private final String field;
    private final String id;
    private final boolean paged;
    private final Function<ListCommand, List<Column<JsonObject>>> columns;
    private final String[] description;

    /**
     * @param path of the list
     * @param field of the answer, which holds the items
     * @param id field of an item that is printed where only ids are wanted
     * @param paged whether there may be very many, so that the server tells them in parts
     */
    PlainList(
            String path,
            String field,
            String id,
            boolean paged,
            Function<ListCommand, List<Column<JsonObject>>> columns,
            String... description) {
        this.path = path;
        this.field = field;
        this.id = id;
        this.paged = paged;
        this.columns = columns;
        this.description = description;
    }

    /** @return path of the list */
    String path() {
        return path;
    }

    /** @return path of one item */
    String path(String item) {
        return path + "/" + Api.encoded(item);
    }

    /** @return the command {@code list} for it */
    CommandLine command(Invocation around) {
        Listing listing = new Listing(this, around);
        CommandLine line = new CommandLine(listing);
        line.getCommandSpec().usageMessage().description(description);
        if (paged) {
            line.getCommandSpec().addMixin("paging", CommandSpec.forAnnotatedObject(listing.paging));
        }
        return line;
    }

    /** Lists one of them. */
    @Command(name = "list")
    private static final class Listing extends ListCommand {

        private final PlainList list;
        private final PagingOptions paging = new PagingOptions();

        Listing(PlainList list, Invocation around) {
            super(around);
            this.list = list;
        }

        @Override
        String path() {
            return list.path;
        }

        @Override
        String field() {
            return list.field;
        }

        @Override
        String id(JsonObject item) {
            return item.text(list.id);
        }

        @Override
        boolean paged() {
            return list.paged;
        }

        @Override
        long most() {
            return list.paged ? paging.most() : super.most();
        }

        @Override
        List<Column<JsonObject>> columns() {
            return list.columns.apply(this);
        }
    }
}
