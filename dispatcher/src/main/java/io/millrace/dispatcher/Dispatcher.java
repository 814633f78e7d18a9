package io.millrace.dispatcher;

import io.grpc.ServerServiceDefinition;
import io.millrace.dispatcher.reads.DispatcherReadsService;
import io.millrace.dispatcher.reads.Readers;
import io.millrace.dispatcher.reads.StateReads;
import io.millrace.dispatcher.topology.DispatcherConfig;
import io.millrace.dispatcher.topology.StreamsDispatcher;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.ReplySink;
import io.millrace.proto.reads.LocalReads;
import io.millrace.proto.trace.Spans;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;

/**
 * A dispatcher node: carries out the commands of the partitions that it owns, and serves reads from their stores. Nodes of
 * the same application id share the partitions among them.
 */
public final class Dispatcher implements AutoCloseable {

    /** More than one, so that one that is slow does not hold up all. */
    private static final int PUMPS = 2;

    private final StreamsDispatcher streams;
    private final StateReads reads;
    private final Readers readers = new Readers();
    /** A watch stands here once at the most, so no more wait than there are watches. */
    private final ThreadPoolExecutor pump = new ThreadPoolExecutor(
            PUMPS,
            PUMPS,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("millrace-watches-", 0).factory(),
            new DiscardPolicy());

    /**
     * @param replies where answers go; called on stream threads
     * @param levels where levels of ready work go; called on stream threads
     * @param directory where it announces what it owns
     * @param spans where spans of what it does go
     */
    public Dispatcher(DispatcherConfig config, ReplySink replies, LevelSink levels, Directory directory, Spans spans) {
        this.streams = new StreamsDispatcher(config, replies, levels, directory, spans);
        this.reads = new StateReads(streams.partitions(), streams.partitionCount(), pump, readers);
    }

    /** @return name of the topic that keeps the state of all partitions, which Kafka Streams makes when it first runs */
    public static String changelog(String applicationId) {
        return StreamsDispatcher.changelog(applicationId);
    }

    /** Joins the others. Returns at once; see {@link #awaitReady}. */
    public void start() {
        streams.start();
    }

    /** @return what it waits for before it serves all its partitions, empty if it does */
    public Optional<String> notReady() {
        return streams.notReady();
    }

    /**
     * Waits until it serves all its partitions.
     *
     * @return false if it does not after so long
     */
    public boolean awaitReady(Duration atMost) throws InterruptedException {
        return streams.awaitReady(atMost);
    }

    /** @return what it has done and how it stands; cheap, but not for every request */
    public DispatcherStats stats() {
        return DispatcherStats.of(streams);
    }

    /** @return reads from this node's stores */
    public LocalReads localReads() {
        return reads;
    }

    /** @return the internal service by which other nodes read here */
    public ServerServiceDefinition readsService() {
        return new DispatcherReadsService(reads).bindService();
    }

    /** Commits and leaves. */
    @Override
    public void close() {
        streams.close();
        readers.close();
        pump.shutdown();
    }
}
