package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkType;
import java.util.UUID;

/** One queue of one organisation and sort of work, within the partition. */
public record QueueKey(UUID orgId, WorkType workType, String queue) {}
