package io.millrace.dispatcher.partition;

import io.millrace.proto.v1.ListQueuesResponse;
import java.util.UUID;

/** Ready work of one queue in one partition at a moment. */
public record QueueDepth(UUID orgId, ListQueuesResponse.Queue view) {}
