package io.millrace.dispatcher.replay;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Works on partitions, as many at once as there are processors. */
final class EachPartition {

    private static final long LOOK_MS = 200;
    /** Of the heap, what the states may take together. */
    private static final int PART_OF_HEAP = 2;

    private EachPartition() {}

    /** What is done with a partition, on a thread of its own. */
    @FunctionalInterface
    interface Work<T> {

        /**
         * @param memoryBytes what the state of the partition may take
         * @param stop whether nobody wants to know any more
         */
        T on(int partition, long memoryBytes, BooleanSupplier stop);
    }

    /**
     * Does it with each of them.
     *
     * @param look called some times a second meanwhile, by the caller's thread
     * @return what came of each, in their order
     */
    static <T> List<T> run(Collection<Integer> partitions, Work<T> work, Runnable look) throws InterruptedException {
        int atOnce = Math.max(1, Math.min(Runtime.getRuntime().availableProcessors(), partitions.size()));
        long memoryBytes = Runtime.getRuntime().maxMemory() / PART_OF_HEAP / atOnce;
        ExecutorService workers = Executors.newFixedThreadPool(
                atOnce,
                Thread.ofPlatform().daemon(true).name("millrace-replay-", 0).factory());
        List<Future<T>> all = new ArrayList<>();
        try {
            for (int partition : partitions) {
                all.add(workers.submit(() -> work.on(partition, memoryBytes, workers::isShutdown)));
            }
            List<T> found = new ArrayList<>();
            for (Future<T> each : all) {
                found.add(await(each, look));
            }
            return found;
        } finally {
            workers.shutdown();
            workers.awaitTermination(1, TimeUnit.MINUTES);
        }
    }

    private static <T> T await(Future<T> each, Runnable look) throws InterruptedException {
        while (true) {
            try {
                return each.get(LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                look.run();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException why) {
                    throw why;
                }
                throw new IllegalStateException("expected a partition to be looked at, but that failed", e.getCause());
            }
        }
    }
}
