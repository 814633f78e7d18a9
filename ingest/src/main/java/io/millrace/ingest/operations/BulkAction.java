package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.search.DeadLetters;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Subject;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a bulk job may ask of each of its items. */
public enum BulkAction {
    CANCEL(Subject.WORKFLOWS, ApprovalAction.CANCEL),
    TERMINATE(Subject.WORKFLOWS, ApprovalAction.TERMINATE),
    /** Go on in a new run from the last good point. */
    RETRY(Subject.WORKFLOWS, null),
    /** Go on in a new run from behind an event: by its number, or the first of a type. */
    RESET(Subject.WORKFLOWS, ApprovalAction.RESET),
    RESTART(Subject.WORKFLOWS, ApprovalAction.RESET),
    PAUSE(Subject.WORKFLOWS, null),
    RESUME(Subject.WORKFLOWS, null),
    /** Say of those among them that are dead letters that somebody has looked at them. */
    DISMISS(Subject.WORKFLOWS, null),
    CANCEL_TASKS(Subject.TASKS, ApprovalAction.CANCEL),
    RETRY_TASKS(Subject.TASKS, null),
    DISMISS_TASKS(Subject.TASKS, null);

    private final Subject subject;
    private final @Nullable ApprovalAction approval;

    BulkAction(Subject subject, @Nullable ApprovalAction approval) {
        this.subject = subject;
        this.approval = approval;
    }

    /** @return what its query finds */
    public Subject subject() {
        return subject;
    }

    /** @return what somebody else may have to approve before it is done to one item */
    public Optional<ApprovalAction> approval() {
        return Optional.ofNullable(approval);
    }

    /** @return what of the search it is about */
    Search within(Search search) {
        return switch (this) {
            case DISMISS, DISMISS_TASKS -> DeadLetters.among(subject, search);
            case CANCEL, TERMINATE, RETRY, RESET, RESTART, PAUSE, RESUME, CANCEL_TASKS, RETRY_TASKS -> search;
        };
    }

    /** @return the action of the name, empty for another text */
    public static Optional<BulkAction> of(String name) {
        return Arrays.stream(values())
                .filter(action -> action.name().equals(name))
                .findFirst();
    }

    /** @return all names, for texts */
    public static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }
}
