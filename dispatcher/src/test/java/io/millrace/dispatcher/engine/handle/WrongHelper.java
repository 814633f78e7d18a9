package io.millrace.dispatcher.engine.handle;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongHelper {}
