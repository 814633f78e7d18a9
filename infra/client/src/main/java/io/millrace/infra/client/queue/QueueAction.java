package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine.Parameters;

/** Asks a server to hand the work of one queue out in another way. */
abstract class QueueAction extends PolicyAction {

    @Parameters(paramLabel = "QUEUE", description = "Its name.")
    private String queue;

    QueueAction(Invocation around) {
        super(around);
    }

    @Override
    final String subject() {
        return "queue " + queue;
    }

    @Override
    final String path() {
        return path(queue);
    }

    /** @return path of the queue */
    static String path(String queue) {
        return Queues.LIST.path(queue);
    }
}
