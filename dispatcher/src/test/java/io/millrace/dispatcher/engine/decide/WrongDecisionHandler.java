package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.handle.WrongHandler;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongDecisionHandler {
    WrongHandler handler;
}
