package io.millrace.infra.client.queue;

import io.millrace.infra.client.command.IdConverter;
import io.millrace.infra.client.command.Invocation;
import java.util.UUID;
import picocli.CommandLine.Parameters;

/** Asks a server to let one worker get work, or none. */
abstract class WorkerAction extends PolicyAction {

    @Parameters(paramLabel = "ID", description = "Its id.", converter = IdConverter.OfWorker.class)
    private UUID id;

    WorkerAction(Invocation around) {
        super(around);
    }

    @Override
    final String subject() {
        return "worker " + id;
    }

    @Override
    final String path() {
        return "/workers/" + id;
    }
}
