package io.millrace.infra.client.workflow;

import picocli.CommandLine.Option;

/** As what the caller saw the workflow. */
final class SequenceOption {

    @Option(
            names = "--sequence",
            paramLabel = "N",
            description =
                    "The length of its history that show told. If it has another by now, nothing is done, and the exit code is 1.")
    private Integer sequence;

    /** @return the path's last part with it */
    String on(String request) {
        return sequence == null ? request : request + "?sequence=" + sequence;
    }
}
