package io.millrace.infra.worker;

import java.util.List;
import java.util.Optional;

/** Something that a workflow asked for, and whose result comes by the history. For the workflow's thread only. */
public interface Pending<T> {

    /** @return whether {@link #await} would return or throw at once */
    boolean isReady();

    /**
     * @return the result, if the history has it. Otherwise the activation ends here, and the workflow runs again from
     *     its start when there is more history
     * @throws AwaitFailedException if what was asked for failed, was rejected or cancelled, or timed out
     */
    T await();

    /** Awaits all of them, in the given order. */
    static <T> List<T> all(List<Pending<T>> pending) {
        return pending.stream().map(Pending::await).toList();
    }

    /** Awaits all of them, in the given order. */
    @SafeVarargs
    static <T> List<T> all(Pending<T>... pending) {
        return all(List.of(pending));
    }

    /** @return the first one that is ready; the workflow suspends while none is */
    static <T> Pending<T> first(List<Pending<T>> pending) {
        Optional<Pending<T>> ready = pending.stream().filter(Pending::isReady).findFirst();
        return ready.orElseThrow(() -> new SuspendSignal("Waiting for the first of " + pending.size()));
    }
}
