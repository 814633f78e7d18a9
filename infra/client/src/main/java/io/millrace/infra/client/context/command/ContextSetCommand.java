package io.millrace.infra.client.context.command;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.api.TargetTls;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.command.TlsOptions;
import io.millrace.infra.client.context.Contexts;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes or changes a context. */
@Command(
        name = "set",
        description = {
            "Makes a context, or changes what is given of one that is there.",
            "The first one is in use from then on."
        })
final class ContextSetCommand extends ContextAction {

    @Parameters(paramLabel = "NAME", description = "Its name, without a slash.")
    private String name;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Address of the server's HTTP, such as https://millrace.example.com.")
    private String url;

    @Option(names = "--org", paramLabel = "ORG", description = "Short name or id of the organisation.")
    private String organisation;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "File whose first line is the API key; - for standard input. So nobody sees it who looks at this machine's processes.")
    private String tokenFile;

    @Option(names = "--token", paramLabel = "KEY", description = "The API key itself.")
    private String token;

    @Mixin
    private TlsOptions tls = new TlsOptions();

    ContextSetCommand(Invocation around) {
        super(around);
    }

    @Override
    public Integer call() {
        if (name.isBlank() || name.contains("/")) {
            throw ClientException.usage("expected a name without a slash, but got '" + name + "'");
        }
        Contexts contexts = contexts();
        Optional<Target> before = contexts.find(name);
        URI address = url != null
                ? Contexts.url(url)
                : before.map(Target::url).orElseThrow(() -> missing("--url, the address of the server"));
        String org = organisation != null
                ? organisation
                : before.map(Target::organisation).orElseThrow(() -> missing("--org, the organisation"));
        contexts.set(new Target(
                name,
                address,
                org,
                key().or(() -> before.map(Target::token)).orElse(""),
                before.map(Target::tls).orElse(TargetTls.USUAL).with(tls.said(around()))));
        out().println("context " + name + " set" + (contexts.current().equals(name) ? ", and in use" : ""));
        return 0;
    }

    private ClientException missing(String what) {
        return ClientException.usage("expected " + what + ", since there is no context of the name '" + name + "' yet");
    }

    private Optional<String> key() {
        if (tokenFile == null) {
            return Optional.ofNullable(token);
        }
        if (token != null) {
            throw ClientException.usage("expected one of --token and --token-file, but got both");
        }
        try {
            byte[] read = tokenFile.equals("-")
                    ? around().in().readAllBytes()
                    : Files.readAllBytes(around().folder().resolve(tokenFile));
            return Optional.of(new String(read, StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip());
        } catch (IOException e) {
            throw ClientException.usage("expected to read a key from " + tokenFile + ", but could not: " + e);
        }
    }
}
