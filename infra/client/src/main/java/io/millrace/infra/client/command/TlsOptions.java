package io.millrace.infra.client.command;

import io.millrace.infra.client.api.TargetTls;
import picocli.CommandLine.Option;

/** The options that say how a server and the command know each other by TLS. */
public final class TlsOptions {

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description =
                    "Authorities that the server's certificate has to be from, PEM. Otherwise those that the JDK trusts.")
    private String authorities = "";

    @Option(
            names = "--certificate-file",
            paramLabel = "FILE",
            description = "Certificate to show to the server, PEM, with --key-file.")
    private String certificate = "";

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "Private key of that certificate, PEM (PKCS #8) without a password.")
    private String key = "";

    /** @return what was given, with files that are found from everywhere */
    public TargetTls said(Invocation around) {
        return new TargetTls(authorities, certificate, key).from(around.folder());
    }
}
