package io.millrace.dispatcher.reads;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.LiveCopy;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.dispatcher.replay.Why;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Says why a workflow of the state stands where it does. Any thread. */
final class WhyEncoder {

    private WhyEncoder() {}

    /** @return nothing for a workflow that begins to be at this moment */
    static Optional<WhyView> why(Execution live, PartitionState state) {
        List<SealedEvent> history = state.history(live);
        return LiveCopy.of(live, history).map(copy -> why(live, copy, history, state));
    }

    private static WhyView why(Execution live, Execution copy, List<SealedEvent> history, PartitionState state) {
        Why why = Why.of(
                copy,
                id -> state.viewTask(live, id),
                history,
                subject -> state.policies().get(copy.header().orgId(), subject));
        WhyView.Builder view = WhyView.newBuilder()
                .setSentence(why.sentence())
                .setFacts(UnsafeByteOperations.unsafeWrap(why.factsJson()));
        if (copy.status() == Status.PENDING && copy.ready()) {
            view.addReadyBuilder()
                    .setWorkType(WorkType.WORKFLOW)
                    .setQueue(copy.header().queue())
                    .setKind(copy.header().kind());
        }
        for (UUID id : copy.openTasks()) {
            Task task = state.viewTask(live, id);
            if (task != null && task.status() == Status.PENDING && task.ready()) {
                view.addReadyBuilder()
                        .setWorkType(WorkType.TASK)
                        .setQueue(task.queue())
                        .setKind(task.kind());
            }
        }
        return view.build();
    }
}
