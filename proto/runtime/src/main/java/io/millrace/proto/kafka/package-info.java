/**
 * How topics are written and read outside Kafka Streams: settings of clients, writing that never waits, reading that never
 * ends. No topic's contents.
 */
package io.millrace.proto.kafka;
