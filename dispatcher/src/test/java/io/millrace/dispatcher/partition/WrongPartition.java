package io.millrace.dispatcher.partition;

import org.apache.kafka.clients.producer.Producer;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongPartition {
    Producer<byte[], byte[]> producer;
}
