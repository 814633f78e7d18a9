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
 * @param memoryMb what workflows may take in memory, mebibytes
 * @param hintRepeat how often it is said again that work stands unclaimed
 * @param readsBind address that reads of other nodes are served on
 * @param readsHost address at which other nodes reach this one
 * @param readsPort port that reads of other nodes are served on; 0: any free one
 */
public record DispatcherSettings(
        String applicationId,
        Path stateDir,
        int threads,
        Duration commitInterval,
        int memoryMb,
        Duration hintRepeat,
        String readsBind,
        String readsHost,
        int readsPort) {}
