package io.millrace.ingest.standin;

import io.millrace.proto.Shards;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** A command log whose engine is a function: it keeps what was asked and answers as the test says. */
public final class ScriptedLog implements CommandLog {

    private static final int PARTITIONS = 8;

    /** A command and the partition that it was written to. */
    public record Entry(int partition, CommandRecord command) {}

    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private volatile Function<CommandRecord, CompletableFuture<ReplyRecord>> engine =
            command -> CompletableFuture.completedFuture(
                    command.hasSteerBulkJob()
                            ? ReplyRecord.newBuilder()
                                    .setBulkJob(ReplyRecord.BulkJobState.newBuilder()
                                            .setChanged(true)
                                            .setStatus("PAUSED"))
                                    .build()
                            : ReplyRecord.newBuilder()
                                    .setAccepted(
                                            ReplyRecord.Accepted.newBuilder().setChanged(true))
                                    .build());

    /** From now on every command gets this answer. */
    public void answer(ReplyRecord.Builder reply) {
        engine = command -> CompletableFuture.completedFuture(reply.build());
    }

    /** From now on every command is refused. */
    public void refuse(RefusalReason reason, String text) {
        answer(ReplyRecord.newBuilder()
                .setRefusal(Refusal.newBuilder().setReason(reason).setText(text)));
    }

    /** From now on every command is answered by the function. */
    public void answerBy(Function<CommandRecord, CompletableFuture<ReplyRecord>> function) {
        engine = function;
    }

    /** @return everything written, in order */
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** @return the only command written that tells of no refusal */
    public CommandRecord onlyCommand() {
        List<CommandRecord> commands = entries.stream()
                .map(Entry::command)
                .filter(command -> !command.hasRecordRefusal() && !command.hasReportRefused())
                .toList();
        if (commands.size() != 1) {
            throw new AssertionError("expected one command in the log, but there are " + commands.size());
        }
        return commands.get(0);
    }

    /** @return the refusals written, in order */
    public List<CommandRecord> refusals() {
        return entries.stream()
                .map(Entry::command)
                .filter(CommandRecord::hasRecordRefusal)
                .toList();
    }

    @Override
    public int partitions() {
        return PARTITIONS;
    }

    @Override
    public String node() {
        return "node-1";
    }

    @Override
    public CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
        return askPartition(Shards.partition(shard, PARTITIONS), command);
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(
            int partition, CommandRecord.Builder command, Consumer<ReplyRecord> late) {
        return askPartition(partition, command);
    }

    @Override
    public CompletableFuture<ReplyRecord> askPartition(int partition, CommandRecord.Builder command) {
        CommandRecord record = command.build();
        entries.add(new Entry(partition, record));
        return engine.apply(record);
    }

    @Override
    public CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        entries.add(new Entry(partition, command.build()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
}
