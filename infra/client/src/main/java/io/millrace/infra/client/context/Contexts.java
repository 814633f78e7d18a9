package io.millrace.infra.client.context;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.api.TargetTls;
import io.millrace.infra.client.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The file of contexts, and which context is used if none is named. For one thread.
 *
 * <p>The file is {@code contexts.json} in the folder {@code millrace} of {@code $XDG_CONFIG_HOME}, otherwise of
 * {@code ~/.config}.
 */
public final class Contexts {

    private static final int LAST_PORT = 65_535;
    private static final String CA = "caFile";
    private static final String CERTIFICATE = "certificateFile";
    private static final String KEY = "keyFile";

    private final Path file;
    private final Map<String, Target> byName = new TreeMap<>();
    private String current;

    private Contexts(Path file) {
        this.file = file;
        JsonObject content = PrivateJson.read(file).orElse(JsonObject.of(null));
        current = content.text("current");
        content.object("contexts")
                .fields()
                .forEach((name, value) -> byName.put(name, target(name, JsonObject.of(value))));
    }

    /**
     * @param environment its variables may name the place of the file
     * @return what the user's file says
     */
    public static Contexts of(Map<String, String> environment) {
        String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path folder = config.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".config")
                : Path.of(config);
        return new Contexts(folder.resolve("millrace").resolve("contexts.json"));
    }

    static Target target(String name, JsonObject said) {
        return new Target(
                name,
                url(said.text("url")),
                said.text("org"),
                said.text("token"),
                new TargetTls(said.text(CA), said.text(CERTIFICATE), said.text(KEY)));
    }

    /**
     * @return the address of a server
     * @throws ClientException if the text is not such an address
     */
    public static URI url(String text) {
        try {
            URI url = URI.create(text);
            if (url.getHost() != null
                    && url.getPort() <= LAST_PORT
                    && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw noAddress(text);
        }
        throw noAddress(text);
    }

    private static ClientException noAddress(String text) {
        return ClientException.usage(
                "expected the address of a server, such as http://127.0.0.1:8000, but got '" + text + "'");
    }

    /** @return all contexts, by name */
    public Map<String, Target> all() {
        return byName;
    }

    /** @return the context of that name */
    public Optional<Target> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** @return name of the context that is used if none is named; empty if there is none */
    public String current() {
        return current;
    }

    /** Adds a context, or changes it. The first context of all is used from then on. */
    public void set(Target target) {
        byName.put(target.name(), target);
        if (current.isEmpty()) {
            current = target.name();
        }
        save();
    }

    /** Lets this context be used if none is named. */
    public void use(String name) {
        current = name;
        save();
    }

    /** Deletes the context. */
    public void delete(String name) {
        byName.remove(name);
        if (current.equals(name)) {
            current = "";
        }
        save();
    }

    private void save() {
        Map<String, Object> contexts = new LinkedHashMap<>();
        byName.forEach((name, target) -> contexts.put(name, said(target)));
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("current", current);
        content.put("contexts", contexts);
        PrivateJson.write(file, content);
    }

    private static void putIfSaid(Map<String, Object> said, String name, String value) {
        if (!value.isEmpty()) {
            said.put(name, value);
        }
    }

    static Map<String, Object> said(Target target) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("url", target.url().toString());
        said.put("org", target.organisation());
        said.put("token", target.token());
        putIfSaid(said, CA, target.tls().authorities());
        putIfSaid(said, CERTIFICATE, target.tls().certificate());
        putIfSaid(said, KEY, target.tls().key());
        return said;
    }
}
