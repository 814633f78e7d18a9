package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.state.Applier;
import io.millrace.dispatcher.engine.state.ReadyIndex;
import io.millrace.dispatcher.engine.state.WrongState;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongHandler {
    Applier applies;

    void sets(WrongState state) {
        state.changed = 1;
    }

    Object drains(ReadyIndex ready) {
        return ready.drainGrown();
    }
}
