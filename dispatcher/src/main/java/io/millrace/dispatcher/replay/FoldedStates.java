package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.codec.OutcomeDecoder;
import io.millrace.dispatcher.codec.ViewEncoder;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.EventFold;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.PastState;
import io.millrace.proto.reads.PastStates;
import io.millrace.proto.reads.PastWork;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** States of the past, made of events alone by the engine's own appliers. */
public final class FoldedStates implements PastStates {

    @Override
    public PastState of(List<EventRecord> events) {
        PartitionState state = new PartitionState(new MemoryTables(), Long.MAX_VALUE);
        EventFold fold = new EventFold(state);
        Set<UUID> executions = new LinkedHashSet<>();
        for (EventRecord event : events) {
            executions.add(Ids.fromBytes(event.getExecutionId()));
            try {
                fold.apply(Rules.VERSION, event.getTimeMs(), List.of(OutcomeDecoder.event(event)));
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(
                        "expected " + event.getType() + ", event " + event.getChainSequence() + " of "
                                + RecordText.id(event.getExecutionId())
                                + ", to follow from those before, but it does not: " + e,
                        e);
            }
        }
        return new Folded(state, executions);
    }

    private record Folded(PartitionState state, Set<UUID> executions) implements PastState {

        private @Nullable Execution execution(UUID id) {
            Execution there = state.execution(id);
            return there == null || there.header().standaloneTask() ? null : there;
        }

        @Override
        public Optional<ExecutionView> workflow(UUID id) {
            return Optional.ofNullable(execution(id)).map(ViewEncoder::execution);
        }

        @Override
        public Optional<WorkflowStateView> values(UUID id) {
            return Optional.ofNullable(execution(id)).map(ViewEncoder::state);
        }

        @Override
        public Optional<WhyView> whyOfWorkflow(UUID id) {
            return Optional.ofNullable(execution(id))
                    .map(there -> WhyViews.of(
                            there, task -> state.task(id, task), state.history(there), HeldBack.BY_NOTHING));
        }

        @Override
        public Optional<WhyView> whyOfTask(UUID executionId, UUID id) {
            return Optional.ofNullable(state.execution(executionId))
                    .map(home -> state.task(executionId, id))
                    .map(WhyViews::of);
        }

        @Override
        public List<PastWork> work() {
            List<PastWork> work = new ArrayList<>();
            for (UUID id : executions) {
                Execution execution = state.execution(id);
                if (execution != null) {
                    add(execution, work);
                }
            }
            return work;
        }

        private void add(Execution execution, List<PastWork> work) {
            if (!execution.header().standaloneTask() && (execution.ready() || execution.claimId() != null)) {
                work.add(new PastWork(
                        execution.header().queue(),
                        false,
                        execution.header().kind(),
                        execution.id(),
                        execution.id(),
                        execution.claimId() == null ? execution.readySinceMs() : 0,
                        execution.claimId() == null ? "" : execution.workerId(),
                        execution.claimId() == null ? 0 : execution.leaseUntilMs()));
            }
            for (UUID id : execution.openTasks()) {
                Task task = state.task(execution.id(), id);
                if (task != null && (task.ready() || task.claimId() != null)) {
                    work.add(of(execution, task));
                }
            }
        }

        private static PastWork of(Execution execution, Task task) {
            boolean held = task.claimId() != null;
            return new PastWork(
                    task.queue(),
                    true,
                    task.kind(),
                    task.id(),
                    execution.id(),
                    held ? 0 : task.readySinceMs(),
                    held ? task.workerId() : "",
                    held ? task.leaseUntilMs() : 0);
        }
    }
}
