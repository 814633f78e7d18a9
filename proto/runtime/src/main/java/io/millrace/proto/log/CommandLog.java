package io.millrace.proto.log;

import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The way in: appends commands to {@code millrace.commands} and awaits the engine's answers.
 * Safe for use from any thread; never blocks the caller.
 */
public interface CommandLog extends AutoCloseable {

    /** @return number of partitions of the commands topic */
    int partitions();

    /** @return id of this node: what stands in {@code reply_node} and {@code origin} */
    String node();

    /**
     * Appends the command to the shard's partition and awaits the engine's answer.
     * command_id (if empty), time_ms, origin (if empty), reply_node and reply_sequence are filled in here. Workers' reports of
     * the end of their work are given more time for the answer than other commands.
     *
     * @return completes with the answer, refusals included, on a thread that must not be blocked; exceptionally with
     *     {@link CommandLogException} when the record could not be written, or no answer came in time (the command may
     *     then still take effect)
     */
    CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command);

    /** As {@link #ask} for a partition instead of a shard. */
    CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command);

    /**
     * As {@link #askPartition(int, CommandRecord.Builder)}, for answers that must not get lost.
     *
     * @param late gets an answer that comes after the future failed for want of one, in ten times the longest wait for an
     *     answer; called once at the most, on a thread that must not be blocked
     */
    CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late);

    /**
     * Appends the command without awaiting an answer of the engine.
     *
     * @return completes once all in-sync replicas have it; exceptionally with {@link CommandLogException} when they do not in
     *     the time that an answer may take
     */
    CompletableFuture<Void> tell(int partition, CommandRecord.Builder command);

    @Override
    void close();
}
