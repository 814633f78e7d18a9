package io.millrace.ingest.queries;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event of all that happened to an execution, whether workers replay it or not.
 *
 * @param chainSequence place among all events of the execution, from 1
 * @param taskId task that it is about, or null
 * @param event the event; its sequence is 0 where it stands in no history
 */
public record ToldEvent(long chainSequence, @Nullable UUID taskId, EventRow event) {}
