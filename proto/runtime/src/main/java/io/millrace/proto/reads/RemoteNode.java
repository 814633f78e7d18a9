package io.millrace.proto.reads;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.millrace.proto.Topics;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The connection to the dispatcher of another node. Any thread. */
final class RemoteNode implements AutoCloseable {

    /** After this time without an answer the node is asked again, or another one is: the partition may have moved. */
    private static final Duration LONGEST_READ = Duration.ofSeconds(2);

    private static final int KEEP_ALIVE_SECONDS = 20;

    private final ManagedChannel channel;

    RemoteNode(ManagedChannelBuilder<?> to) {
        this.channel = to.directExecutor()
                .maxInboundMessageSize(Topics.MAX_MESSAGE_BYTES)
                // A node that vanished without a word must not be watched for ever.
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_SECONDS / 2, TimeUnit.SECONDS)
                .build();
    }

    /** @return reads that end within this time, or sooner */
    NodeReads within(Duration time) {
        return new RemoteReads(channel, time.compareTo(LONGEST_READ) < 0 ? time : LONGEST_READ);
    }

    /** No new reads here. What is under way goes on to its end. */
    @Override
    public void close() {
        channel.shutdown();
    }

    /** Ends also what is under way. */
    void closeNow() {
        channel.shutdownNow();
    }
}
