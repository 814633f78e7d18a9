package io.millrace.infra.client;

import picocli.CommandLine.Option;

/** The option that says how an answer is printed. */
final class OutputOption {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = Format.Words.class,
            completionCandidates = Format.Words.class,
            description = "One of ${COMPLETION-CANDIDATES}. Otherwise table.")
    private Format format = Format.TABLE;

    Format format() {
        return format;
    }
}
