package io.millrace.infra.client.queue;

import io.millrace.infra.client.api.Api;
import io.millrace.infra.client.command.Invocation;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks a server to hand the work of one kind out in another way. */
abstract class KindAction extends PolicyAction {

    @Parameters(paramLabel = "KIND", description = "Its name.")
    private String kind;

    @Option(names = "--task", description = "It is a kind of tasks; without this, of workflows.")
    private boolean task;

    KindAction(Invocation around) {
        super(around);
    }

    @Override
    final String subject() {
        return (task ? "task kind " : "workflow kind ") + kind;
    }

    @Override
    final String path() {
        return (task ? "/task-kinds/" : "/workflow-kinds/") + Api.encoded(kind);
    }
}
