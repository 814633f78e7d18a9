/**
 * Commands about how work is handed out: queues, kinds of work, and workers.
 */
@NullMarked
package io.millrace.infra.client.queue;

import org.jspecify.annotations.NullMarked;
