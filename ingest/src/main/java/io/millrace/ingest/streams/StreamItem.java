package io.millrace.ingest.streams;

import io.millrace.proto.v1.TaskStreamRecord;

/**
 * One piece of a stream.
 *
 * @param position its place among those of its execution: later ones have higher positions, not always the next
 * @param record what the task said
 */
public record StreamItem(long position, TaskStreamRecord record) {}
