package io.millrace.dispatcher.partition;

import java.util.concurrent.CompletableFuture;

/** Tells up to where commands count as carried out, whoever did so. Any thread; never blocks. */
public interface CommittedOffsets {

    /**
     * @param partition number of the partition
     * @return offset of the command behind the last one whose outcome is committed; a transaction that is open is waited for. Fails where
     *     nobody says so
     */
    CompletableFuture<Long> of(int partition);
}
