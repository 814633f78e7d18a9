package io.millrace.dispatcher.reads;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.LiveCopy;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.replay.HeldBack;
import io.millrace.dispatcher.replay.WhyViews;
import io.millrace.proto.v1.WhyView;
import java.util.List;
import java.util.Optional;

/** Says why a workflow of the state stands where it does. Any thread. */
final class WhyEncoder {

    private WhyEncoder() {}

    /** @return nothing for a workflow that begins to be at this moment */
    static Optional<WhyView> why(Execution live, PartitionState state) {
        List<SealedEvent> history = state.history(live);
        return LiveCopy.of(live, history)
                .map(copy -> WhyViews.of(
                        copy,
                        id -> state.viewTask(live, id),
                        history,
                        HeldBack.in(state, copy.header().orgId())));
    }
}
