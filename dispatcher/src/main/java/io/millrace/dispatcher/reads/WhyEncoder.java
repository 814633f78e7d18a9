package io.millrace.dispatcher.reads;

import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.LiveCopy;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.partition.Views;
import io.millrace.dispatcher.replay.HeldBack;
import io.millrace.dispatcher.replay.WhyViews;
import io.millrace.proto.v1.WhyView;
import java.util.Optional;
import java.util.UUID;

/** Says why a workflow of the state stands where it does. Any thread. */
final class WhyEncoder {

    private WhyEncoder() {}

    /** What is to be told, of one moment. */
    private record Now(Execution standing, HeldBack held) {}

    /** @return nothing where the organisation has no such workflow */
    static Optional<WhyView> why(Views views, UUID orgId, UUID executionId) {
        return views.story(state -> now(state, orgId, executionId), Now::standing, 0, executionId, orgId)
                .flatMap(story -> {
                    Now now = story.view();
                    return LiveCopy.of(now.standing, story.history())
                            .map(copy -> WhyViews.of(copy, now.standing::openTask, story.history(), now.held));
                });
    }

    private static Optional<Now> now(PartitionState state, UUID orgId, UUID executionId) {
        return StateReads.workflow(state.standingWithTasks(executionId), orgId)
                .map(standing -> new Now(standing, HeldBack.now(state, standing)));
    }
}
