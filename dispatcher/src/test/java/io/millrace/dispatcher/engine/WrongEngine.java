package io.millrace.dispatcher.engine;

import io.grpc.Status;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.proto.v1.CommandRecord;
import java.nio.file.Path;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;

/** Breaks a rule of {@code ArchitectureTest} in each way that its members name. Never run: only looked at. */
public final class WrongEngine {
    TopicPartition kafka;
    Status grpc;
    CommandRecord wire;
    Path file;
    java.net.Socket socket;
    Logger log;
    Readers reads;
}
