package io.millrace.infra.client.context;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.api.TargetTls;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Which server is asked. A key is shown only to the server that it was given for. So options, variables and contexts
 * are not mixed, unless a context is named and something of it is replaced.
 *
 * @param target the server
 * @param devData data folder of the development server, if the server was found by that
 */
public record Choice(Target target, Optional<Path> devData) {

    /** What was given on the command line; an empty text: not given. */
    public record Said(String context, String url, String organisation, String token, TargetTls tls) {}

    /**
     * Chooses the first of these that there is: the context that an option names; the address that an option gives; the
     * context that {@code MILLRACE_CONTEXT} names; the address in {@code MILLRACE_URL}; the context in use; the
     * development server whose data folder is near.
     *
     * @param folder folder in which the command was called
     * @throws ClientException if there is none of these
     */
    public static Choice of(Said said, Map<String, String> environment, Path folder) {
        if (!said.context().isEmpty()) {
            return named(said.context(), environment, folder).with(said);
        }
        if (!said.url().isEmpty()) {
            return new Choice(unnamed(said.url(), environment), Optional.empty()).with(said);
        }
        String named = environment.getOrDefault("MILLRACE_CONTEXT", "");
        if (!named.isEmpty()) {
            return named(named, environment, folder).with(said);
        }
        String url = environment.getOrDefault("MILLRACE_URL", "");
        if (!url.isEmpty()) {
            return new Choice(unnamed(url, environment), Optional.empty()).with(said);
        }
        String current = Contexts.of(environment).current();
        if (!current.isEmpty()) {
            return named(current, environment, folder).with(said);
        }
        Path data = DevContext.find(folder)
                .orElseThrow(() -> new ClientException(
                        ExitCode.UNREACHABLE,
                        "expected a server to ask, but none is named, and none was started here; start one by `millrace dev`, name"
                                + " the folder of one by `--context FOLDER/`, or another one by `millrace context set NAME --url …"
                                + " --org …`"));
        return dev(data).with(said);
    }

    private static Choice named(String name, Map<String, String> environment, Path folder) {
        if (name.contains("/")) {
            return dev(folder.resolve(name).normalize());
        }
        Optional<Target> known = Contexts.of(environment).find(name);
        if (known.isPresent()) {
            return new Choice(known.get(), Optional.empty());
        }
        Optional<Path> data = name.equals(DevContext.NAME) ? DevContext.find(folder) : Optional.empty();
        return dev(data.orElseThrow(() -> ClientException.usage("expected a context, but there is none of the name '"
                + name + "'; `millrace context list` shows all")));
    }

    private static Choice dev(Path data) {
        Target target = DevContext.in(data)
                .orElseThrow(() -> new ClientException(
                        ExitCode.UNREACHABLE,
                        "expected the data of a `millrace dev` with its well-known keys in " + data
                                + ", but there is no client.json; "
                                + DevContext.find(data)
                                        .map(near -> "`--context " + near + "` names such a folder")
                                        .orElse("start one by `millrace dev --data " + data
                                                + "`, or name a server with other keys by --url, --org and --token")));
        return new Choice(target, Optional.of(data.toAbsolutePath().normalize()));
    }

    private static Target unnamed(String url, Map<String, String> environment) {
        return new Target(
                "no context",
                Contexts.url(url),
                environment.getOrDefault("MILLRACE_ORG", ""),
                environment.getOrDefault("MILLRACE_TOKEN", ""),
                new TargetTls(
                        environment.getOrDefault("MILLRACE_CA_FILE", ""),
                        environment.getOrDefault("MILLRACE_CERTIFICATE_FILE", ""),
                        environment.getOrDefault("MILLRACE_KEY_FILE", "")));
    }

    private Choice with(Said said) {
        Target changed = new Target(
                target.name(),
                said.url().isEmpty() ? target.url() : Contexts.url(said.url()),
                said.organisation().isEmpty() ? target.organisation() : said.organisation(),
                said.token().isEmpty() ? target.token() : said.token(),
                target.tls().with(said.tls()));
        if (changed.token().chars().anyMatch(Character::isISOControl)) {
            throw ClientException.usage(
                    "expected a key on one line for " + changed + ", but there is the end of a line or the like in it");
        }
        if (changed.organisation().isEmpty()) {
            throw ClientException.usage(
                    "expected an organisation for " + changed + ", but there is none; name it by --org");
        }
        return new Choice(changed, said.url().isEmpty() ? devData : Optional.empty());
    }
}
