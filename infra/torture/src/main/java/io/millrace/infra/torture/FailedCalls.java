package io.millrace.infra.torture;

import io.grpc.Status;
import io.millrace.infra.worker.WorkerObserver;

/** Finds wrong whatever call of a worker fails. Any thread. */
final class FailedCalls implements WorkerObserver {

    private final int worker;
    private final Findings findings;

    FailedCalls(int worker, Findings findings) {
        this.worker = worker;
        this.findings = findings;
    }

    @Override
    public void callFailed(Status status) {
        findings.count("calls of workers that failed");
        findings.wrong(
                "a call of worker " + worker + " failed with " + status.getCode() + ": " + status.getDescription());
    }
}
