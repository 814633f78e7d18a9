package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.limits.LoadSettings;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.queries.PastEvents;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.Reach;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Moment;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.reads.PastState;
import io.millrace.proto.reads.PastWork;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkflowStateView;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What the read model may lack is said to be unavailable, and never left out. */
class PastOperationsTest {

    private static final UUID ID = new UUID(3, 4);
    private static final Caller ANN = new Caller(new UUID(1, 2), "alpha", Principal.getDefaultInstance(), "");
    private static final WhyView WHY =
            WhyView.newBuilder().setSentence("It ended.").build();
    private static final PastEvents SOME = new PastEvents(List.of(EventRecord.getDefaultInstance()), 1, false);

    /** One workflow, whatever its id. */
    private record Standing(ExecutionStatus status) implements PastState {

        @Override
        public Optional<ExecutionView> workflow(UUID id) {
            return Optional.of(ExecutionView.newBuilder().setStatus(status).build());
        }

        @Override
        public Optional<WorkflowStateView> values(UUID id) {
            return Optional.empty();
        }

        @Override
        public Optional<WhyView> whyOfWorkflow(UUID id) {
            return Optional.of(WHY);
        }

        @Override
        public Optional<WhyView> whyOfTask(UUID executionId, UUID id) {
            return Optional.empty();
        }

        @Override
        public List<PastWork> work() {
            return List.of();
        }
    }

    private final MemoryQueries queries = new MemoryQueries();
    private ExecutionStatus status = ExecutionStatus.COMPLETED;

    private final PastOperations past = new PastOperations(
            queries,
            new OrganisationLoads(LoadSettings.defaults()).pasts(),
            events -> new Standing(status),
            new Checks(Limits.defaults()),
            guard(),
            4,
            Clock.fixed(Instant.ofEpochMilli(1_000), ZoneOffset.UTC));

    private ScopeGuard guard() {
        MemoryReads reads = new MemoryReads();
        return new ScopeGuard(reads, queries, new TaskOwners(new TaskHomes(16), reads));
    }

    private static Throwable failure(CompletableFuture<?> answer) {
        return assertThrows(CompletionException.class, answer::join).getCause();
    }

    private static void assertUnavailable(CompletableFuture<?> answer) {
        assertInstanceOf(QueriesUnavailableException.class, failure(answer));
    }

    private static String refused(CompletableFuture<?> answer) {
        return assertInstanceOf(RefusedException.class, failure(answer)).getMessage();
    }

    @Test
    void aMomentThatIsNotReachedIsUnavailableWhateverIsThere() {
        queries.past = SOME;
        queries.reach = Reach.NOT_YET;

        assertUnavailable(past.execution(ANN, ID.toString(), new Moment.Time(900)));
        assertUnavailable(past.work(ANN, new Moment.Time(900)));

        queries.reach = Reach.ALL;

        assertEquals(
                ExecutionStatus.COMPLETED,
                past.execution(ANN, ID.toString(), new Moment.Time(900)).join().getStatus());
        assertEquals(List.of(), past.work(ANN, new Moment.Time(900)).join());
    }

    @Test
    void aPlaceBehindTheLogIsRefused() {
        queries.past = SOME;
        queries.reach = Reach.BEHIND_THE_LOG;
        Moment.LogOffset place = new Moment.LogOffset(Shards.partition(ID, 4), 77);

        assertEquals(
                "expected a moment in the log as at, but " + place + " is behind the last command of the partition",
                refused(past.execution(ANN, ID.toString(), place)));
    }

    @Test
    void whyAWorkflowEndedIsToldOnceItsEndIsThere() {
        queries.past = SOME;
        queries.reach = Reach.NOT_YET;
        assertEquals(WHY, past.whyOfWorkflow(ANN, ID.toString()).join());

        status = ExecutionStatus.RUNNING;
        assertUnavailable(past.whyOfWorkflow(ANN, ID.toString()));
    }

    @Test
    void whatIsNotFoundIsUnknownOnlyToAReadModelThatHasAll() {
        queries.reach = Reach.NOT_YET;
        assertUnavailable(past.whyOfWorkflow(ANN, ID.toString()));
        assertUnavailable(past.whyOfTask(ANN, ID.toString()));

        queries.reach = Reach.ALL;
        assertEquals(
                "expected a workflow execution of your organisation, but there is none of the id " + ID,
                refused(past.whyOfWorkflow(ANN, ID.toString())));
        assertEquals(
                "expected a task of your organisation that the read model knows, but there is none of the id " + ID,
                refused(past.whyOfTask(ANN, ID.toString())));
    }
}
