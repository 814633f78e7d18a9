package io.millrace.infra.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.testing.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A real browser, steered by the protocol of W3C's WebDriver: Chromium by its driver, as {@code apt-get install chromium
 * chromium-driver} brings them. Without a window. For one thread.
 */
final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENS = Pattern.compile("started successfully on port (\\d+)");
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    /**
     * The driver takes a free port of IPv6 and then the same number of IPv4, which somebody else may hold; it ends then, and
     * takes another number at the next start.
     */
    private static final int ATTEMPTS = 10;

    private static final String AXE = axe();

    private final Process driver;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI session;

    private Browser(Process driver, URI session) {
        this.driver = driver;
        this.session = session;
    }

    private static String axe() {
        try (InputStream in = Browser.class.getResourceAsStream("axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8) + ";window.axe = axe;";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the driver's program, if this machine has one */
    static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(folder -> Path.of(folder, "chromedriver"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser open(Path program) throws IOException {
        StringBuilder said = new StringBuilder();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Process driver = new ProcessBuilder(program.toString(), "--port=0")
                    .redirectErrorStream(true)
                    .start();
            OptionalInt port = port(driver, said);
            if (port.isPresent()) {
                return open(driver, port.getAsInt());
            }
            driver.destroyForcibly();
        }
        throw new IOException("expected chromedriver to listen, but it ended: " + said);
    }

    private static Browser open(Process driver, int port) {
        try {
            URI base = URI.create("http://127.0.0.1:" + port + "/session");
            List<String> arguments = new ArrayList<>(List.of(
                    "--headless=new", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--lang=en"));
            if ("root".equals(System.getProperty("user.name"))) {
                arguments.add("--no-sandbox");
            }
            JsonNode answer = new Browser(driver, base)
                    .send(
                            "POST",
                            "",
                            Map.of(
                                    "capabilities",
                                    Map.of(
                                            "alwaysMatch",
                                            Map.of(
                                                    "goog:chromeOptions",
                                                    Map.of("args", arguments),
                                                    "goog:loggingPrefs",
                                                    Map.of("browser", "ALL")))));
            return new Browser(
                    driver, URI.create(base + "/" + answer.path("sessionId").asText()));
        } catch (RuntimeException e) {
            driver.destroyForcibly();
            throw e;
        }
    }

    /** @return where the driver listens, empty if it ended instead */
    private static OptionalInt port(Process driver, StringBuilder said) throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            Matcher matcher = LISTENS.matcher(line);
            if (matcher.find()) {
                return OptionalInt.of(Integer.parseInt(matcher.group(1)));
            }
        }
        return OptionalInt.empty();
    }

    void go(URI address) {
        send("POST", "/url", Map.of("url", address.toString()));
    }

    String address() {
        return send("GET", "/url", null).asText();
    }

    void size(int width, int height) {
        send(
                "POST",
                "/goog/cdp/execute",
                Map.of(
                        "cmd",
                        "Emulation.setDeviceMetricsOverride",
                        "params",
                        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600)));
    }

    /** @param scheme light or dark */
    void colours(String scheme) {
        send(
                "POST",
                "/goog/cdp/execute",
                Map.of(
                        "cmd",
                        "Emulation.setEmulatedMedia",
                        "params",
                        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme)))));
    }

    /** @return the element, once it is there */
    String find(String css) {
        return Await.found(
                "an element " + css + " in the page, which says: " + text("body"),
                () -> all(css).stream().findFirst());
    }

    List<String> all(String css) {
        List<String> found = new ArrayList<>();
        send("POST", "/elements", Map.of("using", "css selector", "value", css))
                .forEach(element -> found.add(element.path(ELEMENT).asText()));
        return found;
    }

    void click(String css) {
        send("POST", "/element/" + find(css) + "/click", Map.of());
    }

    void type(String css, String text) {
        send("POST", "/element/" + find(css) + "/value", Map.of("text", text));
    }

    void clear(String css) {
        send("POST", "/element/" + find(css) + "/clear", Map.of());
    }

    /** Presses keys where the focus is. */
    void press(String keys) {
        List<Map<String, String>> actions = new ArrayList<>();
        keys.codePoints().mapToObj(Character::toString).forEach(key -> {
            actions.add(Map.of("type", "keyDown", "value", key));
            actions.add(Map.of("type", "keyUp", "value", key));
        });
        send(
                "POST",
                "/actions",
                Map.of("actions", List.of(Map.of("type", "key", "id", "keyboard", "actions", actions))));
    }

    /** @return what people read of the first element that fits, empty if there is none */
    String text(String css) {
        return run("const at = document.querySelector(arguments[0]); return at ? at.innerText : ''", css)
                .asText();
    }

    void await(String css, String text) {
        Await.until("'" + text + "' in " + css, () -> text(css).contains(text));
    }

    JsonNode run(String script, Object... arguments) {
        return send("POST", "/execute/sync", Map.of("script", script, "args", List.of(arguments)));
    }

    /** @return what the browser complained of since the last time: errors of scripts, of its policies, of what it loads */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        send("POST", "/se/log", Map.of("type", "browser")).forEach(entry -> {
            // Below these it gives advice, such as on forms with passwords.
            if (List.of("WARNING", "SEVERE").contains(entry.path("level").asText())) {
                complaints.add(entry.path("message").asText());
            }
        });
        return complaints;
    }

    /** @return what keeps people with some disability from using the page, as axe-core finds it: serious and critical things */
    List<String> barriers() {
        if (!run("return typeof axe !== 'undefined'").asBoolean()) {
            run(AXE);
        }
        JsonNode found = send(
                "POST",
                "/execute/async",
                Map.of(
                        "script",
                        "const then = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(found =>"
                                + " then(found.violations.filter(one => one.impact === 'serious' || one.impact === 'critical')"
                                + ".map(one => one.id + ': ' + one.help + ': '"
                                + " + one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join('; '))))",
                        "args",
                        List.of()));
        List<String> barriers = new ArrayList<>();
        found.forEach(barrier -> barriers.add(barrier.asText()));
        return barriers;
    }

    void picture(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(
                    file,
                    Base64.getDecoder().decode(send("GET", "/screenshot", null).asText()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode send(String method, String path, Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(session + path));
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
            }
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonNode value = JSON.readTree(response.body()).path("value");
            if (response.statusCode() >= 300) {
                throw new AssertionError("expected the browser to do " + method + " " + path + " " + body
                        + ", but it says: " + value.path("message").asText());
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            send("DELETE", "", null);
        } finally {
            http.close();
            driver.destroy();
            try {
                if (!driver.waitFor(5, TimeUnit.SECONDS)) {
                    driver.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
