package io.millrace.dispatcher.replay;

import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkType;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Why something stands where it does, in the form that reads answer. */
public final class WhyViews {

    private WhyViews() {}

    /**
     * @param tasks finds tasks of the execution by their ids; null for one that is not there
     * @param history its history, ascending; the end of it is enough
     * @param held what holds ready work of it back
     * @return why an execution stands where it does
     */
    public static WhyView of(
            Execution execution, Function<UUID, @Nullable Task> tasks, List<SealedEvent> history, HeldBack held) {
        WhyView.Builder view =
                view(Why.of(execution, tasks::apply, history, held)).setDeliveries(execution.deliveries());
        if (execution.status() == Status.PENDING && execution.ready()) {
            view.addReadyBuilder()
                    .setWorkType(WorkType.WORKFLOW)
                    .setQueue(execution.header().queue())
                    .setKind(execution.header().kind());
        }
        for (UUID id : execution.openTasks()) {
            Task task = tasks.apply(id);
            if (task != null) {
                ready(task, view);
            }
        }
        return view.build();
    }

    /** @return why a task stands where it does */
    public static WhyView of(Task task) {
        WhyView.Builder view = view(Why.of(task));
        ready(task, view);
        return view.build();
    }

    private static WhyView.Builder view(Why why) {
        return WhyView.newBuilder()
                .setSentence(why.sentence())
                .setFacts(UnsafeByteOperations.unsafeWrap(why.factsJson()));
    }

    private static void ready(Task task, WhyView.Builder view) {
        if (task.status() == Status.PENDING && task.ready()) {
            view.addReadyBuilder()
                    .setWorkType(WorkType.TASK)
                    .setQueue(task.queue())
                    .setKind(task.kind());
        }
    }
}
