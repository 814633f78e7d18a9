package io.millrace.notifier.queue;

/** Somebody who stands in a line of a queue. The ticket is guarded by the entry's lock. */
abstract class Waiter {

    private final KindFilter filter;
    private long ticket;

    Waiter(KindFilter filter) {
        this.filter = filter;
    }

    /** @return which work fits */
    public final KindFilter filter() {
        return filter;
    }

    final long ticket() {
        return ticket;
    }

    final void ticket(long number) {
        this.ticket = number;
    }
}
