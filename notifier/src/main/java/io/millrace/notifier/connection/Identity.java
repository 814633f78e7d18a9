package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;

/**
 * Who polls or subscribes.
 *
 * @param worker it
 * @param registrations those that it is, or may be; none: nobody knows it
 * @param kinds what it takes
 * @param signs the ids of which its calls are signs of life
 */
public record Identity(
        WorkerId worker, List<WorkerRegistration> registrations, WorkerKinds kinds, List<String> signs) {}
