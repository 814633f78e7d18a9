package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.state.Execution;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Refusals that several handlers share, in the same words. */
public final class Refusals {

    private Refusals() {}

    /** @return the refusal of what concerns an execution that the organisation does not have */
    public static Decision noExecution(UUID executionId) {
        return Decision.refused(
                Reason.NOT_FOUND,
                "expected a workflow execution of this organisation, but there is none with id " + executionId);
    }

    /** @return the refusal of what concerns a task that the organisation does not have */
    public static Decision noTask(@Nullable UUID taskId) {
        return Decision.refused(
                Reason.NOT_FOUND, "expected a task of this organisation, but there is none with id " + taskId);
    }

    /** @return the refusal of what only an open execution takes */
    public static Decision closed(Execution execution) {
        return Decision.refused(
                Reason.FAILED_PRECONDITION,
                "expected an open workflow execution, but " + execution.id() + " is " + execution.status());
    }

    /** @return the refusal of an id for a new run that an execution has already */
    public static Decision runExists(UUID newExecutionId) {
        return Decision.refused(
                Reason.ALREADY_EXISTS, "expected an unused id for a new run, but " + newExecutionId + " exists");
    }

    /** @return the refusal of what only the last run of a workflow takes; this one has a successor */
    public static Decision goesOn(UUID executionId, UUID successorId) {
        return Decision.refused(
                Reason.FAILED_PRECONDITION,
                "expected the last run of a workflow, but " + executionId + " goes on as " + successorId
                        + ": ask for that one");
    }

    /** @return whether the execution has gone on since the caller saw it; 0: the caller does not mind */
    public static boolean isOtherSequence(Execution execution, int expectedSequence) {
        return expectedSequence != 0 && execution.lastSequence() != expectedSequence;
    }

    /** @return the refusal of what was asked for an execution as it stood before */
    public static Decision changed(Execution execution, int expectedSequence) {
        return Decision.refused(
                Reason.ABORTED,
                "expected workflow execution " + execution.id() + " to stand at event " + expectedSequence
                        + ", as it was seen, but it stands at " + execution.lastSequence() + " and is "
                        + execution.status() + ": it has changed meanwhile, so look at it again");
    }

    /** @return whether something has changed since the caller saw it; {@link Command#ANY_VERSION}: the caller does not mind */
    public static boolean isOtherVersion(long expected, long version) {
        return expected != Command.ANY_VERSION && expected != version;
    }

    /**
     * @param what it was asked for
     * @return the refusal of what was asked for something as it was before
     */
    public static Decision changed(String what, long expected, long version) {
        return Decision.refused(
                Reason.ABORTED,
                "expected version " + expected + " of " + what + ", as it was seen, but it is version " + version
                        + ": it has changed meanwhile, so look at it again");
    }

    /** @return the refusal of what has no room in the history any more; {@code limit} in bytes */
    public static Decision historyFull(Execution execution, long limit) {
        return Decision.refused(
                Reason.RESOURCE_EXHAUSTED,
                "expected the history of " + execution.id() + " to stay within " + limit + " bytes, but it has "
                        + execution.historyBytes() + " already");
    }

    /** @return the refusal of a new run that would begin with too much for a history; both in bytes */
    public static Decision newRunFull(long bytes, long limit) {
        return Decision.refused(Reason.RESOURCE_EXHAUSTED, HistoryLimit.textOfNewRun(bytes, limit));
    }
}
