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
import org.jspecify.annotations.Nullable;

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
                while (!isDone(each)) {
                    look.run();
                    throwFailure(all);
                }
                found.add(each.resultNow());
            }
            return found;
        } finally {
            all.forEach(each -> each.cancel(false)); // what has not begun
            workers.close(); // tells the others to stop, and waits: they use what the caller closes next
        }
    }

    private static boolean isDone(Future<?> each) throws InterruptedException {
        try {
            each.get(LOOK_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        }
    }

    /** The work of hours is not gone on with where one part of it is known to fail. */
    private static void throwFailure(List<? extends Future<?>> all) {
        for (Future<?> each : all) {
            if (each.state() == Future.State.FAILED) {
                throw failure(each.exceptionNow());
            }
        }
    }

    private static RuntimeException failure(@Nullable Throwable why) {
        return why instanceof RuntimeException known
                ? known
                : new IllegalStateException("expected a partition to be looked at, but that failed", why);
    }
}
