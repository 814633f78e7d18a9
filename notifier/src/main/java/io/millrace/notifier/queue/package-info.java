/**
 * Ready work and those who wait for it, one entry and one lock for each queue and type of work, and the decision who is served
 * or woken. No gRPC and no Kafka: effects are carried out once the lock is free.
 */
@NullMarked
package io.millrace.notifier.queue;

import org.jspecify.annotations.NullMarked;
