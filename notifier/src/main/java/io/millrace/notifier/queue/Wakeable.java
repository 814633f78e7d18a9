package io.millrace.notifier.queue;

/** Somebody who does not take work but wants to be told that there is some. */
public interface Wakeable {

    /** There is work. Must not block; may be called from any thread, never while a lock of the index is held. */
    void wake();

    /** The server goes down: there will be no more to tell. */
    default void end() {}
}
