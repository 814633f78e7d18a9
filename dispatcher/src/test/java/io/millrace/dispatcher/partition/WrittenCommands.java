package io.millrace.dispatcher.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.v1.CommandRecord;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Where a node's own commands go in tests: to be awaited, acknowledged or refused. */
final class WrittenCommands implements CommandWriter {

    private static final long PATIENCE_SECONDS = 60;
    private static final int PARTITIONS = 4;

    private final BlockingQueue<Written> written = new LinkedBlockingQueue<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile int failing = -1;

    /** One command on its way; done hears what becomes of it. */
    record Written(int partition, CommandRecord command, Consumer<Exception> done) {}

    @Override
    public int partitions() {
        return PARTITIONS;
    }

    @Override
    public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
        if (partition == failing) {
            failed.countDown();
            throw new IllegalStateException("broken, for the test");
        }
        try {
            written.add(new Written(partition, CommandRecord.parseFrom(value), done));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("expected a command, but it cannot be decoded", e);
        }
    }

    /** @return how many were written and not yet taken */
    int waiting() {
        return written.size();
    }

    /** @return how often it was written that a tenure begins, as far as that was not taken */
    long tenures() {
        return written.stream().filter(one -> one.command().hasBeginTenure()).count();
    }

    /** @return ids of those that others than their own partition are to carry out, in order, as far as they were not taken */
    List<ByteString> toOthers() {
        return recordsToOthers().stream().map(CommandRecord::getCommandId).toList();
    }

    /** @return those of {@link #toOthers} themselves */
    List<CommandRecord> recordsToOthers() {
        return written.stream()
                .map(Written::command)
                .filter(command -> !command.hasBeginTenure() && !command.hasRaiseRules() && !command.hasFireDue())
                .toList();
    }

    /** Makes each attempt to write to the partition fail by an exception. */
    void failFor(int partition) {
        failing = partition;
    }

    /** Waits until one has failed. */
    void awaitFailure() throws InterruptedException {
        if (!failed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("expected a failure within " + PATIENCE_SECONDS + " s, but there was none");
        }
    }

    /** @return the next command that was written and not yet taken, awaited if there is none */
    Written take() throws InterruptedException {
        Written next = written.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("expected a command within " + PATIENCE_SECONDS + " s, but none was written");
        }
        return next;
    }
}
