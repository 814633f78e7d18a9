package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.ExecutionFilter;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.queries.TaskFilter;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.ingest.search.DeadLetters;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Says of what goes on no more by itself that somebody has looked at it, so that it waits for nobody any more. That is a note in the log: it
 * changes nothing of what is decided, and counts until something more happens. What is a dead letter is the read model's to say, which
 * follows the log at a distance. Safe from any thread, never blocks; a request that does not pass the checks throws
 * {@link RefusedException}.
 */
public final class DeadLetterOperations {

    private static final String IN_LISTS = ". That is as the lists know it, which follow the log at a distance";

    private static final PageRequest ONE = new PageRequest(1, null);

    private final CommandSender sender;
    private final Checks checks;
    private final ExecutionQueries queries;
    private final ScopeGuard guard;

    DeadLetterOperations(CommandSender sender, Checks checks, ExecutionQueries queries, ScopeGuard guard) {
        this.sender = sender;
        this.checks = checks;
        this.queries = queries;
        this.guard = guard;
    }

    /**
     * Dismisses a workflow.
     *
     * @param reason what was found, which has to be said
     * @param attempt how often in a row it had been handed out as the caller saw it; empty: however often it has been by now
     * @return whether that changed anything: false if it has been dismissed since its last delivery
     */
    public CompletableFuture<Boolean> dismissWorkflow(
            Request request, String executionId, String reason, OptionalInt attempt) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(reason(reason));
        UUID orgId = request.caller().orgId();
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> queries.executions(orgId, workflows(dead(Subject.WORKFLOWS, id)), ONE)
                        .thenCompose(dead -> dead.items().isEmpty()
                                ? queries.execution(orgId, id)
                                        .thenApply(found -> noDeadLetter(
                                                because,
                                                "a workflow that was handed out more than once in a row",
                                                id,
                                                found.map(detail -> state(detail.row()))
                                                        .orElse(null)))
                                : note(
                                        because,
                                        id,
                                        null,
                                        seen(id, dead.items().getFirst().deliveries(), attempt))));
    }

    /**
     * Dismisses a task.
     *
     * @param reason what was found, which has to be said
     * @param attempt how often it had been tried as the caller saw it; empty: however often it has been by now
     * @return whether that changed anything: false if it has been dismissed since its last attempt
     */
    public CompletableFuture<Boolean> dismissTask(
            Request request, String taskExecutionId, String reason, OptionalInt attempt) {
        UUID id = checks.id("id", taskExecutionId);
        Request because = request.because(reason(reason));
        UUID orgId = request.caller().orgId();
        return guard.ofTask(
                request.caller(),
                id,
                () -> queries.tasks(orgId, tasks(dead(Subject.TASKS, id)), ONE).thenCompose(dead -> {
                    if (dead.items().isEmpty()) {
                        return queries.task(orgId, id)
                                .thenApply(found -> noDeadLetter(
                                        because,
                                        "a task that has failed its last attempt, and whose workflow is open or failed itself",
                                        id,
                                        found.map(detail -> state(detail.row())).orElse(null)));
                    }
                    TaskRow row = dead.items().getFirst();
                    UUID owner = row.executionId() == null ? id : row.executionId();
                    return note(because, owner, id, seen(id, row.executionCount(), attempt));
                }));
    }

    private static Search dead(Subject subject, UUID id) {
        return DeadLetters.among(subject, Search.parse(subject, "id = " + id));
    }

    private static ExecutionFilter workflows(Search search) {
        return new ExecutionFilter(null, null, null, Map.of(), search);
    }

    private static TaskFilter tasks(Search search) {
        return new TaskFilter(null, null, null, null, search);
    }

    private String reason(String text) {
        return checks.neededReason(text, "which says what was found, so that others need not look again");
    }

    /** @return how often it has been tried, which is as often as the caller saw */
    private static int seen(UUID id, int attempts, OptionalInt expected) {
        if (expected.isPresent() && expected.getAsInt() != attempts) {
            throw new RefusedException(
                    RefusalReason.ABORTED,
                    "expected " + id + " as it was after attempt " + expected.getAsInt() + ", but it is at attempt "
                            + attempts + " by now: look at it again");
        }
        return attempts;
    }

    /** How a row stands. */
    private record State(String text, @Nullable Dismissal dismissal) {}

    private static State state(ExecutionRow row) {
        return new State(
                row.status() + ", was handed out " + times(row.deliveries()) + " in a row"
                        + (row.resetTo() == null ? "" : ", and goes on as " + row.resetTo()),
                row.dismissal());
    }

    private static String times(int deliveries) {
        return switch (deliveries) {
            case 0 -> "not once";
            case 1 -> "once";
            default -> deliveries + " times";
        };
    }

    private static State state(TaskRow row) {
        return new State(row.status() + " at attempt " + row.executionCount(), row.dismissal());
    }

    /** @return false: somebody has dismissed it already, or it is an item of a bulk job which was a dead letter a moment ago */
    private static boolean noDeadLetter(Request request, String what, UUID id, @Nullable State found) {
        if (found == null) {
            throw RefusedException.notFound("expected " + what + ", but there is none of the id " + id + IN_LISTS);
        }
        if (found.dismissal() != null || request.bulkJob().isPresent()) {
            return false;
        }
        throw new RefusedException(
                RefusalReason.FAILED_PRECONDITION,
                "expected a dead letter: " + what + "; but " + id + " is " + found.text() + IN_LISTS);
    }

    private CompletableFuture<Boolean> note(Request because, UUID owner, @Nullable UUID taskId, int attempt) {
        RecordNote.Builder note = RecordNote.newBuilder()
                .setKind(Dismissal.NOTE)
                .setExecutionId(Ids.toByteString(owner))
                .setTaskId(taskId == null ? ByteString.EMPTY : Ids.toByteString(taskId))
                .putDetails(Dismissal.ATTEMPT, Integer.toString(attempt));
        return sender.askIfKnown(
                        "dismiss dead letters",
                        Shards.of(owner),
                        sender.command(because).setRecordNote(note))
                .thenApply(reply -> true);
    }
}
