package io.millrace.infra.client.command;

import picocli.CommandLine.Option;

/** The option that says how an answer is printed. */
public final class OutputOption {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            converter = Format.Words.class,
            completionCandidates = Format.Words.class,
            description = "One of ${COMPLETION-CANDIDATES}. Otherwise table.")
    private Format format = Format.TABLE;

    public Format format() {
        return format;
    }
}
