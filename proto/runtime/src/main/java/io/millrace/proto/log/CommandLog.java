package io.millrace.proto.log;

import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The way in: appends commands to {@code millrace.commands} and awaits the engine's answers. Safe for use from any
 * thread; never blocks the caller.
 */
public interface CommandLog extends AutoCloseable {

    /** @return number of partitions of the commands topic */
    int partitions();

    /** @return id of this node, as it stands in {@code reply_node} and {@code origin} */
    String node();

    /**
     * Appends the command to the shard's partition and awaits the engine's answer. This method sets time_ms, reply_node
     * and reply_sequence, and command_id and origin if they are empty. A worker's report of the end of its work may
     * take longer to be answered than other commands.
     *
     * @return completes with the answer, also if it is a refusal, on a thread that must not be blocked. Completes
     *     exceptionally with {@link CommandLogException} if the record could not be written, or if no answer came in
     *     time; the command may then still take effect
     */
    CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command);

    /** As {@link #ask} for a partition instead of a shard. */
    CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command);

    /**
     * As {@link #askPartition(int, CommandRecord.Builder)}, for answers that must not get lost.
     *
     * @param late gets the answer if it comes after the future has failed for lack of one, up to 90 s after its time was
     *     over. Called once at the most, on a thread that must not be blocked
     */
    CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late);

    /**
     * Appends the command without awaiting an answer of the engine.
     *
     * @return completes once all in-sync replicas have the command. Completes exceptionally with
     *     {@link CommandLogException} if that takes longer than an answer may take
     */
    CompletableFuture<Void> tell(int partition, CommandRecord.Builder command);

    @Override
    void close();
}
