package io.millrace.infra.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the role dispatcher.
 *
 * @param applicationId name of the dispatchers as a group
 * @param stateDir folder of the stores
 * @param threads stream threads of this node
 * @param commitInterval time between commits
 * @param memoryMb memory that workflows may take, mebibytes
 * @param hintRepeat time after which it is said again that work stands unclaimed
 * @param readLease how long reads are answered after the group of the dispatchers was asked
 * @param readsBind address on which reads of other nodes are served
 * @param readsHost address at which other nodes reach this one
 * @param readsPort port on which reads of other nodes are served; 0: any free one
 * @param readsConnections connections to that port that may be open at a time
 */
public record DispatcherSettings(
        String applicationId,
        Path stateDir,
        int threads,
        Duration commitInterval,
        int memoryMb,
        Duration hintRepeat,
        Duration readLease,
        String readsBind,
        String readsHost,
        int readsPort,
        int readsConnections) {}
