package io.millrace.infra.client.command;

import io.millrace.infra.client.context.Choice;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which server is asked. */
public final class ConnectionOptions {

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description =
                    "Context to use, or the data folder of a `millrace dev`, with a slash in it. Otherwise $MILLRACE_CONTEXT, or the one in use.")
    private String context = "";

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Address of the server's HTTP. Otherwise that of the context.")
    private String url = "";

    @Option(
            names = "--org",
            paramLabel = "ORG",
            description = "Short name or id of the organisation. Otherwise that of the context.")
    private String organisation = "";

    @Option(
            names = "--token",
            paramLabel = "KEY",
            description =
                    "API key. Otherwise that of the context. Others on this machine can see it: better kept in a context or in $MILLRACE_TOKEN.")
    private String token = "";

    @Mixin
    private TlsOptions tls = new TlsOptions();

    public Choice choose(Invocation around) {
        return Choice.of(
                new Choice.Said(context, url, organisation, token, tls.said(around)),
                around.environment(),
                around.folder());
    }
}
