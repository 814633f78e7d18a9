package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.BeginTenure;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EndTenure;
import io.millrace.proto.v1.RaiseRules;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes to the log of a partition that a tenure begins or ends. Any thread. */
final class TenureLog {

    private final int partition;
    private final String node;
    private final CommandWriter writer;
    private final LongSupplier timeMs;

    /** @param timeMs time of the partition in the state of this node, milliseconds since the epoch; asked on the stream thread */
    TenureLog(int partition, String node, CommandWriter writer, LongSupplier timeMs) {
        this.partition = partition;
        this.node = node;
        this.writer = writer;
        this.timeMs = timeMs;
    }

    String node() {
        return node;
    }

    /** @return time of the partition in the state of this node now, milliseconds since the epoch. Stream thread */
    long timeMs() {
        return timeMs.getAsLong();
    }

    /**
     * @param ownedUntilMs so long the partition was owned, as the state tells that the tenure begins with
     * @param rulesOfNewLog version by which the log goes on if this becomes its first command, 0: the oldest
     * @param readLeaseMs how long it may answer reads after the group was asked, milliseconds; 0: the usual time
     * @param done hears null once it stands in the log, or why not
     */
    void begin(
            UUID tenureId, long ownedUntilMs, int rulesOfNewLog, int readLeaseMs, Consumer<@Nullable Exception> done) {
        CommandRecord.Builder command = command();
        command.setBeginTenure(BeginTenure.newBuilder()
                .setTenureId(Ids.toByteString(tenureId))
                .setNode(node)
                .setKnownRules(Rules.VERSION)
                .setOwnedUntilMs(ownedUntilMs)
                .setRulesOfNewLog(rulesOfNewLog)
                .setReadLeaseMs(readLeaseMs));
        write(command, done);
    }

    /** Nobody waits for it: whoever comes next only waits longer if it is lost. */
    void end(UUID tenureId) {
        CommandRecord.Builder command = command();
        command.setEndTenure(
                EndTenure.newBuilder().setTenureId(Ids.toByteString(tenureId)).setNode(node));
        write(command, failure -> {});
    }

    /**
     * From the place where it will stand these rules are in force.
     *
     * @param done hears null once it stands there, or why not
     */
    void raiseRules(int version, Consumer<@Nullable Exception> done) {
        CommandRecord.Builder command = command();
        command.setRaiseRules(RaiseRules.newBuilder().setVersion(version));
        write(command, done);
    }

    private CommandRecord.Builder command() {
        return NodeCommand.by("tenure", NodeCommand.SERVER, node, System.currentTimeMillis());
    }

    private void write(CommandRecord.Builder command, Consumer<Exception> done) {
        writer.write(
                partition, command.getCommandId().toByteArray(), command.build().toByteArray(), done);
    }
}
