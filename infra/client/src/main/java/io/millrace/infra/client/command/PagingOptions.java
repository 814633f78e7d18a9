package io.millrace.infra.client.command;

import io.millrace.infra.client.api.ClientException;
import picocli.CommandLine.Option;

/** The options that say how much of a list is shown. */
final class PagingOptions {

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Shows the first N. Otherwise ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--all", description = "Shows all of them, however many there are.")
    private boolean all;

    /** @return how many items to print */
    long most() {
        if (limit < 1) {
            throw ClientException.usage("expected a number of 1 or more behind --limit, but got " + limit);
        }
        return all ? Long.MAX_VALUE : limit;
    }
}
