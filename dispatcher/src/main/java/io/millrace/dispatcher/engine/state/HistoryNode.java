package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.SealedEvent;
import org.jspecify.annotations.Nullable;

/** The newest end of a history in memory: an immutable list, newest first, that any thread may walk. */
record HistoryNode(SealedEvent event, @Nullable HistoryNode earlier) {}
