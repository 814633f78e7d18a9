package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.decide.ScheduledRuns;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.handle.AnnotationHandler;
import io.millrace.dispatcher.engine.handle.BulkJobHandler;
import io.millrace.dispatcher.engine.handle.CancellationHandler;
import io.millrace.dispatcher.engine.handle.ChildHandler;
import io.millrace.dispatcher.engine.handle.ClaimHandler;
import io.millrace.dispatcher.engine.handle.KeyHandler;
import io.millrace.dispatcher.engine.handle.LeaseHandler;
import io.millrace.dispatcher.engine.handle.PauseHandler;
import io.millrace.dispatcher.engine.handle.PlaceHandler;
import io.millrace.dispatcher.engine.handle.PolicyHandler;
import io.millrace.dispatcher.engine.handle.PromiseHandler;
import io.millrace.dispatcher.engine.handle.RefusedReportHandler;
import io.millrace.dispatcher.engine.handle.ResetHandler;
import io.millrace.dispatcher.engine.handle.SavedQueryHandler;
import io.millrace.dispatcher.engine.handle.ScheduleHandler;
import io.millrace.dispatcher.engine.handle.SignalHandler;
import io.millrace.dispatcher.engine.handle.StartHandler;
import io.millrace.dispatcher.engine.handle.SubmissionHandler;
import io.millrace.dispatcher.engine.handle.TaskHandler;
import io.millrace.dispatcher.engine.handle.TenureHandler;
import io.millrace.dispatcher.engine.state.Applier;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.PlaceStore.LimitedQueue;
import io.millrace.dispatcher.engine.state.Sealer;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.dispatcher.engine.state.State;
import io.millrace.dispatcher.engine.store.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One command being carried out. A command has one part or several: claims of several polls, everything that is due,
 * all that a worker held. Each part is decided upon the state that the one before left. A part is whole or not at all.
 * One thread.
 */
final class CommandRun {

    private final PartitionState state;
    private final Applier applier;
    private final Sealer sealer;
    private final Map<Integer, String> knownFailures;
    private final CommandMeta meta;
    private final int partition;
    private final byte @Nullable [] cause;
    private final List<SealedEvent> events = new ArrayList<>(4);
    private final OutcomeRoom room = new OutcomeRoom(events);
    private final List<SettledDue> settled = new ArrayList<>(0);
    private final List<Outgoing> outgoing = new ArrayList<>(0);
    private @Nullable Answer answer;
    private @Nullable Refusal refusal;
    private @Nullable RuntimeException failure;
    private int parts;

    CommandRun(
            PartitionState state,
            Applier applier,
            Sealer sealer,
            CommandMeta meta,
            int partition,
            byte @Nullable [] cause,
            Map<Integer, String> knownFailures) {
        this.state = state;
        this.applier = applier;
        this.sealer = sealer;
        this.meta = meta;
        this.partition = partition;
        this.cause = cause;
        this.knownFailures = knownFailures;
    }

    List<SealedEvent> events() {
        return events;
    }

    /** @return what was seen to, and no event tells of it */
    List<SettledDue> settled() {
        return settled;
    }

    List<Outgoing> outgoing() {
        return outgoing;
    }

    /** What was due has been seen to: see {@link PartitionState#settled}. */
    void settle(Due due, List<byte[]> keys) {
        if (state.settled(due, keys)) {
            settled.add(new SettledDue(due, keys));
        }
    }

    /** @return null for a refused command */
    @Nullable
    Answer answer() {
        return refusal == null ? answer : null;
    }

    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /** @return what the engine threw and caught, null for nothing */
    @Nullable
    RuntimeException failure() {
        return failure;
    }

    void refuse(Refusal with) {
        refusal = with;
    }

    /** Carries the command out; an engine that fails to decide it is a refusal like any other. */
    void carryOutOrRefuse(Command command) {
        try {
            carryOut(command);
        } catch (StorageException | HalfAppliedException e) {
            throw e; // of the machine, or of a state that is not to be used: nothing of it may stand in an outcome
        } catch (RuntimeException e) {
            refuse(e);
        }
        if (refusal == null) {
            lookAfterPlaces();
        }
    }

    /**
     * The one rule by which places of limited queues go back and are lent, whatever ended the work or changed the limit. It stands
     * after all parts of a command, and has no answer of its own. Each queue is a part: what the command has done stands, whatever becomes
     * of it. What fails, or has no room, comes again with the next command.
     */
    private void lookAfterPlaces() {
        if (!state.places().isStirred()) {
            return;
        }
        Answer own = answer;
        int part = 0;
        for (LimitedQueue queue : state.places().stirred()) {
            Draft draft = draft("places-" + part++);
            part(() -> applyIfFits(PlaceHandler.lookAfter(draft, queue)));
            state.places().lookedAfter(queue);
        }
        answer = own;
    }

    /** What an exception says of itself may differ from one Java to the next, and the text is hashed. */
    private void refuse(RuntimeException e) {
        String name = e instanceof KnownFailure known
                ? known.getMessage()
                : e.getClass().getSimpleName();
        refusal =
                new Refusal(Refusal.Reason.POISON, "expected the engine to decide the command, but it failed: " + name);
        failure = e;
    }

    private void carryOut(Command command) {
        switch (command) {
            case ClaimWork c -> answer = claim(c);
            case WithClaims c -> withClaims(c);
            case FireDue c -> fireDue(c);
            case WorkerGone c -> workerGone(c);
            case WorkerBack c -> workerBack(c);
            case StartWorkflow c -> take(StartHandler.start(draft(), c));
            case SignalWithStart c -> take(StartHandler.signalWithStart(draft(), c));
            case SignalWorkflow c -> take(SignalHandler.signal(draft(), c));
            case CancelWorkflow c -> take(CancellationHandler.cancel(draft(), c));
            case RequestCancellation c -> take(CancellationHandler.request(draft(), c));
            case TerminateWorkflow c -> take(CancellationHandler.terminate(draft(), c));
            case ResetWorkflow c -> take(ResetHandler.reset(draft(), c));
            case ContinueChild c -> take(ResetHandler.continueChild(draft(), c));
            case PauseWorkflow c -> take(PauseHandler.pause(draft(), c));
            case ResumeWorkflow c -> take(PauseHandler.resume(draft(), c));
            case AnnotateWorkflow c -> take(AnnotationHandler.annotate(draft(), c));
            case RetryTask c -> take(TaskHandler.retry(draft(), c));
            case OfSchedule c -> take(ScheduleHandler.decide(draft(), c));
            case OfQuery c -> take(SavedQueryHandler.decide(draft(), c));
            case OfBulkJob c -> take(BulkJobHandler.decide(draft(), c));
            case OfPolicy c -> take(PolicyHandler.decide(draft(), c));
            case FollowPolicy c -> take(PolicyHandler.follow(draft(), c));
            case TellPlaces c -> take(PlaceHandler.told(draft(), c));
            case LendPlaces c -> take(PlaceHandler.lent(draft(), c));
            case StartScheduledRun c -> take(StartHandler.startScheduled(draft(), c));
            case CheckScheduledRun c -> take(ScheduledRuns.check(draft(), c));
            case ReleaseClaim c -> take(ClaimHandler.release(draft(), c));
            case SubmitCommands c -> take(SubmissionHandler.submit(draft(), c));
            case ResolvePromise c -> take(PromiseHandler.resolve(draft(), c));
            case RejectPromise c -> take(PromiseHandler.reject(draft(), c));
            case BindPromiseKey c -> take(KeyHandler.bindPromise(draft(), c));
            case FreePromiseKey c -> take(KeyHandler.freePromise(draft(), c));
            case SettlePromiseByKey c -> take(KeyHandler.settlePromise(draft(), c));
            case SubmitTask c -> take(TaskHandler.submit(draft(), c));
            case CompleteTask c -> take(TaskHandler.complete(draft(), c));
            case FailTask c -> take(TaskHandler.fail(draft(), c));
            case CancelTask c -> take(TaskHandler.cancel(draft(), c));
            case HeartbeatTask c -> take(TaskHandler.heartbeat(draft(), c));
            case ReportTaskProgress c -> take(TaskHandler.progress(draft(), c));
            case LogTaskMessage c -> take(TaskHandler.log(draft(), c));
            case ChangeTaskState c -> take(TaskHandler.changeState(draft(), c));
            case ChildClosed c -> take(ChildHandler.closed(draft(), c));
            case ReportRefused c -> take(RefusedReportHandler.note(draft(), c));
            case BeginTenure c -> take(TenureHandler.begin(draft(), c));
            case EndTenure c -> take(TenureHandler.end(draft(), c));
            case RaiseRules c -> take(TenureHandler.raiseRules(draft(), c));
            case RecordNote c -> note();
            case RecordRefusal c ->
                take(Decision.refused(Refusal.Reason.valueOf(c.reason()), c.method() + ": " + c.text()));
        }
    }

    /** Before rules 3 no node knew such a record. */
    private void note() {
        if (state.rules() < Rules.NOTES) {
            refusal = new Refusal(
                    Refusal.Reason.POISON,
                    "expected a record that can be decoded, but this cannot: expected a command that rules version known here"
                            + " can carry out, but the record has none");
        } else {
            answer = new Answer.Accepted(false);
        }
    }

    private Draft draft() {
        return draft("");
    }

    /** @return the beginning of a decision about one part, which the scope tells from the others */
    Draft draft(String scope) {
        return new Draft(state, meta, scope, partition);
    }

    private Answer.Claimed claim(ClaimWork command) {
        List<Answer.Grant> grants = new ArrayList<>(command.claims().size());
        long grantedBytes = 0;
        for (Claim claim : command.claims()) {
            Answer.Grant nothing = new Answer.Grant(claim.claimId(), null, null);
            if (grantedBytes > Rules.MAX_GRANTED_BYTES) {
                grants.add(nothing); // the level says that there is more
                continue;
            }
            Answer.Grant[] grant = {nothing};
            String scope = "claim-" + grants.size();
            part(() -> grant(command, claim, scope, grant));
            grants.add(grant[0]);
            grantedBytes += inputBytes(grant[0]);
        }
        return new Answer.Claimed(grants);
    }

    /** Since rules 3 a claim that has no room in the outcome gets nothing; before, it took the whole command with it. */
    private void grant(ClaimWork command, Claim claim, String scope, Answer.Grant[] grant) {
        Answer.Grant[] granted = new Answer.Grant[1];
        Decision decision = ClaimHandler.claim(draft(scope), command, claim, work -> granted[0] = work);
        if (state.rules() < Rules.PARTS_STAND_ALONE) {
            take(decision);
        } else if (fits(decision)) {
            apply(decision);
        } else {
            return; // the level says that there is more
        }
        grant[0] = granted[0];
    }

    /**
     * One of several parts. Since rules 3 one that fails leaves the others as they are: what has been handed out must not be
     * refused for it.
     */
    private void part(Runnable part) {
        if (state.rules() < Rules.PARTS_STAND_ALONE) {
            part.run();
            return;
        }
        try {
            part.run();
        } catch (StorageException | HalfAppliedException e) {
            throw e;
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private int inputBytes(Answer.Grant grant) {
        if (grant.executionId() == null) {
            return 0;
        }
        return grant.taskId() == null
                ? state.present(grant.executionId()).header().input().size()
                : state.present(grant.executionId(), grant.taskId()).input().size();
    }

    private void withClaims(WithClaims ridden) {
        carryOut(ridden.command());
        if (refusal == null) {
            Answer own = Objects.requireNonNull(answer, "answer of what was not refused");
            answer = new Answer.WithClaims(own, claim(ridden.claims()));
        }
    }

    private void fireDue(FireDue command) {
        new DueRun(state, this, command.unservedUntilMs()).fire(command.limit());
        answer = new Answer.Accepted(!events.isEmpty());
    }

    private void workerGone(WorkerGone command) {
        eachHeld(
                command.workerId(),
                held -> LeaseHandler.concerns(command, held, state.rules()),
                (draft, held) -> ClaimHandler.abandon(draft, held, command.reason()));
    }

    private void workerBack(WorkerBack command) {
        eachHeld(
                command.workerId(),
                held -> LeaseHandler.concerns(command, held, state.rules()),
                (draft, held) -> LeaseHandler.back(draft, held, command));
    }

    private void eachHeld(
            String workerId,
            Predicate<State.HeldClaim> concerned,
            BiFunction<Draft, State.HeldClaim, Decision> decide) {
        int part = 0;
        for (State.HeldClaim held : state.heldBy(meta.orgId(), workerId)) {
            if (concerned.test(held)) {
                Draft draft = draft("held-" + part++);
                if (state.rules() < Rules.PARTS_STAND_ALONE) {
                    Decision decision = decide.apply(draft, held);
                    if (part > 1 && !fits(decision)) {
                        break;
                    }
                    apply(decision);
                } else {
                    part(() -> applyIfFits(decide.apply(draft, held)));
                }
            }
        }
        answer = new Answer.Accepted(!events.isEmpty());
    }

    /** What has no room happens later: whoever calls this knows what brings it again. */
    private void applyIfFits(Decision decision) {
        if (fits(decision)) {
            apply(decision);
        }
    }

    /** @return whether the outcome still goes into one record with these events */
    boolean fits(Decision decision) {
        return room.has(decision, state.rules());
    }

    private UUID organisation(Event event) {
        return switch (event) {
            case Event.KeyBound e -> e.orgId();
            case Event.KeyReleased e -> e.orgId();
            case Event.KeyFreed e -> e.orgId();
            case Event.PolicyChanged e -> e.orgId();
            case Event.PlacesChanged e -> e.orgId();
            case Event.PlacesLent e -> e.orgId();
            case Event.BulkJobChanged e -> e.orgId();
            case Event.QuerySaved e -> e.orgId();
            case Event.QueryDeleted e -> e.orgId();
            case Event.OfSchedule e -> e.orgId();
            default -> meta.orgId(); // every other event has an execution, whose organisation counts
        };
    }

    private void take(Decision decision) {
        if (decision.refusal() != null) {
            refusal = decision.refusal();
            return;
        }
        if (!fits(decision)) {
            refusal = new Refusal(
                    Refusal.Reason.RESOURCE_EXHAUSTED,
                    "expected the events of one command to stay within " + Rules.MAX_OUTCOME_BYTES
                            + " bytes, but those of this one would come to more");
            return;
        }
        apply(decision);
    }

    /** Applies the events of a part, all of them. */
    void apply(Decision decision) {
        int part = parts++;
        String known = knownFailures.get(part);
        if (known != null) {
            throw new KnownFailure(known);
        }
        answer = decision.answer();
        try {
            decision.events().forEach(this::apply);
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new HalfAppliedException(meta.offset(), part, e);
        }
        outgoing.addAll(decision.outgoing());
    }

    private void apply(Event event) {
        Execution before = event.executionId() == null ? null : state.execution(event.executionId());
        applier.apply(event);
        Execution subject =
                before != null || event.executionId() == null ? before : state.execution(event.executionId());
        events.add(sealer.seal(event, subject, organisation(event), cause));
    }

    /** The part failed while it was applied, when it was carried out before; its message names the exception. */
    private static final class KnownFailure extends RuntimeException {

        private KnownFailure(String exception) {
            super(exception);
        }
    }
}
