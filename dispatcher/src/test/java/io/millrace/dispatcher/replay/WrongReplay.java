package io.millrace.dispatcher.replay;

import io.millrace.dispatcher.partition.PartitionRuntime;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.streams.KafkaStreams;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongReplay {
    Producer<byte[], byte[]> producer;
    Admin admin;
    KafkaStreams streams;
    PartitionRuntime runtime;

    void commits(Consumer<byte[], byte[]> consumer) {
        consumer.commitSync();
    }
}
