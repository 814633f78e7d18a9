/**
 * How topics are written and read outside Kafka Streams: settings of clients, a writer that never waits, a reader that
 * never ends. What stands in the topics does not belong here.
 */
@NullMarked
package io.millrace.proto.kafka;

import org.jspecify.annotations.NullMarked;
