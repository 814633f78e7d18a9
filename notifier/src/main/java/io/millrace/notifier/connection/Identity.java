package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkerKinds;
import java.util.List;

/**
 * Who polls or subscribes.
 *
 * @param worker it
 * @param kinds what it takes
 * @param signs the ids of which its calls are signs of life
 */
public record Identity(WorkerId worker, WorkerKinds kinds, List<String> signs) {}
