package io.millrace.infra.client;

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
