package io.millrace.notifier.queue;

/** What is known of a subscriber. */
enum Standing {
    /** It was never woken. */
    FRESH,
    /** It polled when it was last woken. */
    PROVEN,
    /** It did not: it is dead, or busy. A poll of its worker clears it. */
    SUSPECT,
    /** It was woken and owes a poll. */
    WOKEN
}
