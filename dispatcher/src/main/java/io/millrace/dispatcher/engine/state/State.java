package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What handlers may read to decide. On the partition's thread only. */
public interface State {

    /** @return version of the rules by which the command at hand is decided */
    int rules();

    /** @return the tenure that began last, null where none did or it ended in order */
    @Nullable
    UUID tenureId();

    /** @return when the tenure began that began last, 0 where none did under rules that ask for it */
    long tenureBeganMs();

    /** @return time of the partition until which it was owned before that tenure, at the least and as far as is known */
    long ownedUntilMs();

    /** @return latest time of the partition, milliseconds since the epoch; it never runs backwards */
    long timeMs();

    /** @return the execution, or null */
    @Nullable
    Execution execution(UUID executionId);

    /** @return the whole history of the execution, ascending and without gaps */
    List<SealedEvent> history(Execution execution);

    /** @return the task of the execution, or null */
    @Nullable
    Task task(UUID executionId, UUID taskId);

    /**
     * @return the execution, which is there since something else in the state, or a rule, says so
     * @throws NullPointerException if it is not
     */
    default Execution present(UUID executionId) {
        return Objects.requireNonNull(execution(executionId), "execution");
    }

    /**
     * @return the task of the execution, which is there since something else in the state, or a rule, says so
     * @throws NullPointerException if it is not
     */
    default Task present(UUID executionId, UUID taskId) {
        return Objects.requireNonNull(task(executionId, taskId), "task");
    }

    /**
     * @return what the key points to, which is there since something else in the state says so
     * @throws NullPointerException if it is not
     */
    default KeyBinding present(KeyUse use, UUID orgId, String key) {
        return Objects.requireNonNull(key(use, orgId, key), "key");
    }

    /** @return what the key points to, or null; a binding whose time is over counts until it is released */
    @Nullable
    KeyBinding key(KeyUse use, UUID orgId, String key);

    /** @return the schedule of the organisation, or null */
    @Nullable
    Schedule schedule(UUID orgId, String name);

    /** @return the bulk jobs that have not ended */
    BulkJobStore bulkJobs();

    /** @return queries that have names */
    SavedQueryStore savedQueries();

    /** @return how work is to be handed out */
    PolicyStore policies();

    /** @return places of queues whose work is limited */
    PlaceStore places();

    /** @return how many pieces of work of the queue, workflows and tasks, workers have */
    int inFlight(UUID orgId, String queue);

    /** @return which of the ready work may be handed out */
    Handout handout();

    /** @return ready work */
    ReadyIndex ready();

    /** @return what is to happen, and when */
    DueIndex dues();

    /** @return the execution that the promise belongs to, or null */
    @Nullable
    UUID promiseHome(UUID promiseId);

    /** @return the name of an open promise whose run has left, while its workflow goes on; null for all others */
    @Nullable
    String promiseName(UUID promiseId);

    /** @return the newest run of the workflow that the run is of, whether that is there still or not; itself where it has none */
    UUID newestRun(UUID executionId);

    /**
     * @param key of a bucket of closed executions
     * @return the execution's id
     */
    UUID closed(byte[] key);

    /**
     * @param key of a bucket of bindings whose time is over
     * @return the binding, or null
     */
    @Nullable
    KeyBinding expiring(byte[] key);

    /** @return executions and tasks that the worker holds, by claim */
    List<HeldClaim> heldBy(UUID orgId, String workerId);

    /** A claim that a worker holds; taskId is null for a workflow's. */
    record HeldClaim(
            UUID executionId,
            @Nullable UUID taskId,
            UUID claimId,
            @Nullable Holder holder) {}
}
