/**
 * Kafka Streams, which drives the partitions: settings, records, commits, stores and their changelog, and what becomes of failing
 * threads. Thin: whatever can be said without Kafka belongs into {@code partition}.
 */
@NullMarked
package io.millrace.dispatcher.topology;

import org.jspecify.annotations.NullMarked;
