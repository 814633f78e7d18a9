package io.millrace.proto.directory;

import io.millrace.proto.v1.WorkType;

/**
 * A queue that workers poll, as far as all nodes told.
 *
 * @param queue its name
 * @param type the work that they poll for
 * @param lastMs when somebody last had such a poll open, as of {@link Directory#nowMs}
 */
public record PolledQueue(String queue, WorkType type, long lastMs) {}
