package io.millrace.ingest.http;

import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.audit.trail.TrailJson;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TrailFilter;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The audit trail of an organisation. */
final class AuditRoutes {

    /** Names of the parameters that {@link #list} reads. */
    static final List<String> QUERY =
            List.of("about", "principal", "execution", "command", "outcome", "queue", "from", "to", "limit", "cursor");

    private static final String INSTALLATION = "installation";
    private static final String NOTE = "record_note";

    private final ExecutionQueries queries;

    AuditRoutes(ExecutionQueries queries) {
        this.queries = queries;
    }

    HttpReply list(HttpCall call) {
        Caller caller = call.asked().caller();
        PageRequest part = Paging.of(call);
        boolean installation =
                call.parameter("about").map(AuditRoutes::isInstallation).orElse(false);
        Page<TrailEntry> page = installation
                ? queries.trail(TrailEntry.NOBODY, ofNotes(filter(call)), part).join()
                : queries.trail(caller.orgId(), filter(call), part).join();
        return Paging.reply("entries", page, (item, entry) -> item.with(out -> TrailJson.fields(out, entry)));
    }

    private static boolean isInstallation(String about) {
        if (!about.equals(INSTALLATION)) {
            throw RefusedException.invalid("expected " + INSTALLATION + " as about, but got " + Checks.shown(about));
        }
        return true;
    }

    /** Nothing else of what concerns no organisation: calls without a known key may tell of others. */
    private static TrailFilter ofNotes(TrailFilter filter) {
        if (filter.command() != null && !filter.command().equals(NOTE)) {
            throw RefusedException.invalid("expected no command but " + NOTE + " beside about=" + INSTALLATION
                    + ", but got " + Checks.shown(filter.command()));
        }
        return filter.ofCommand(NOTE);
    }

    private static TrailFilter filter(HttpCall call) {
        return new TrailFilter(
                call.name("principal").orElse(null),
                call.parameter("execution").map(AuditRoutes::id).orElse(null),
                call.oneOf("command", Asked.COMMANDS).orElse(null),
                call.oneOf("outcome", TrailEntry.OUTCOMES).orElse(null),
                call.name("queue").orElse(null),
                call.parameter("from").map(text -> millis("from", text)).orElse(null),
                call.parameter("to").map(text -> millis("to", text)).orElse(null));
    }

    private static UUID id(String text) {
        return Ids.parse(text)
                .orElseThrow(() -> RefusedException.invalid(
                        "expected the id of an execution as execution, but got " + Checks.shown(text)));
    }

    private static long millis(String name, String text) {
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw RefusedException.invalid(
                    "expected a time such as 2026-01-31T08:00:00Z as " + name + ", but got " + Checks.shown(text));
        }
    }
}
