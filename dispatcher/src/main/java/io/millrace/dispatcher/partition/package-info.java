/**
 * What a node runs for a partition that it has: engine, tenure, outbox, levels, answers, and the clock of what is due. No
 * Kafka: whoever drives it hands records in and takes outcomes. Changed by the partition's stream thread, unless a class says
 * otherwise.
 */
@NullMarked
package io.millrace.dispatcher.partition;

import org.jspecify.annotations.NullMarked;
