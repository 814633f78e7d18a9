package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.handle.WrongHandler;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongState {
    /** Set from elsewhere. */
    public int changed;

    Engine engine;
    WrongHandler handler;
    Draft draft;
}
