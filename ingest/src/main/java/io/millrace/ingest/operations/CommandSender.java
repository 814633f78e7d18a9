package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.util.concurrent.CompletableFuture;

/** Appends the commands of requests and turns the engine's refusals into exceptions. Safe from any thread. */
final class CommandSender {

    private final CommandLog log;

    CommandSender(CommandLog log) {
        this.log = log;
    }

    /** @return a command of this request, to be given its body */
    CommandRecord.Builder command(Request request) {
        CommandRecord.Builder command = CommandHeader.of(request.caller(), request.traceparent(), log.node())
                .setReason(request.reason());
        request.approval().ifPresent(command::setApproval);
        request.bulkJob().ifPresent(job -> command.setBulkJob(Ids.toByteString(job)));
        return command;
    }

    /** @return a command that the node writes in its own name, to be given all else */
    CommandRecord.Builder ofNode() {
        return CommandRecord.newBuilder().setOrigin(log.node());
    }

    /**
     * Appends the command and waits for no answer of the engine.
     *
     * @return completes once it is written
     */
    CompletableFuture<Void> tell(int shard, CommandRecord.Builder command) {
        return log.tell(Shards.partition(shard, log.partitions()), command);
    }

    /** @return the engine's answer; fails with {@link RefusedException} where that is a refusal */
    CompletableFuture<ReplyRecord> ask(int shard, CommandRecord.Builder command) {
        return log.ask(shard, command).thenApply(reply -> {
            if (reply.hasRefusal()) {
                throw new RefusedException(reply.getRefusal());
            }
            return reply;
        });
    }

    /**
     * The same for what nodes know only from newer rules on.
     *
     * @param operation what is asked for, as callers know it
     */
    CompletableFuture<ReplyRecord> askIfKnown(String operation, int shard, CommandRecord.Builder command) {
        return log.ask(shard, command).thenApply(reply -> {
            if (reply.hasRefusal() && reply.getRefusal().getReason() == RefusalReason.POISON) {
                throw RefusedException.noted(
                        RefusalReason.UNIMPLEMENTED,
                        "expected all nodes to know how to " + operation
                                + ", but the partition is still decided by rules from before: ask again when all nodes run"
                                + " this version");
            }
            if (reply.hasRefusal()) {
                throw new RefusedException(reply.getRefusal());
            }
            return reply;
        });
    }
}
