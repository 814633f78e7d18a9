package io.millrace.infra.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.bench.WebDriver;
import io.millrace.infra.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real browser, with what tests ask of it. For one thread. */
final class Browser implements AutoCloseable {

    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    /** Control and A, and Control let go: the whole text of a field is marked. */
    private static final String ALL_OF_IT = "\uE009a\uE009";

    private static final String DELETE = "\uE017";

    private static final String AXE = axe();

    private final WebDriver driver;

    private Browser(WebDriver driver) {
        this.driver = driver;
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
        return WebDriver.program();
    }

    static Browser open(Path program) throws IOException {
        return new Browser(WebDriver.open(program));
    }

    void go(URI address) {
        send("POST", "/url", Map.of("url", address.toString()));
    }

    void reload() {
        send("POST", "/refresh", Map.of());
    }

    String address() {
        return send("GET", "/url", null).asText();
    }

    void size(int width, int height) {
        driver.size(width, height);
    }

    /**
     * Shows nothing that moves by itself: it would be drawn all the time.
     *
     * @param scheme light or dark
     */
    void colours(String scheme) {
        send(
                "POST",
                "/goog/cdp/execute",
                Map.of(
                        "cmd",
                        "Emulation.setEmulatedMedia",
                        "params",
                        Map.of(
                                "features",
                                List.of(
                                        Map.of("name", "prefers-color-scheme", "value", scheme),
                                        Map.of("name", "prefers-reduced-motion", "value", "reduce")))));
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
        use(css, "/click", Map.of());
    }

    void type(String css, String text) {
        use(css, "/value", Map.of("text", text));
    }

    /** A page that is drawn anew may have another element there by now, which is looked for then. */
    private void use(String css, String how, Map<String, String> body) {
        Await.until(how + " of " + css, () -> {
            try {
                send("POST", "/element/" + find(css) + how, body);
                return true;
            } catch (WebDriver.ElementMovedError drawnAnew) {
                return false;
            }
        });
    }

    /**
     * Empties a field with the keyboard, as people do. The driver's own command sets the value from outside and tells the page of no
     * input, so a page that keeps what was typed would write it back when it is drawn again.
     */
    void clear(String css) {
        type(css, ALL_OF_IT + DELETE);
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

    /** Runs a script whose last argument is a function, until it calls that. */
    void runThrough(String script, Object... arguments) {
        driver.await(script, arguments);
    }

    /** Waits until the browser has complained of what a test does on purpose, such as asking for what is not there. */
    void awaitComplaint(String text) {
        Await.until("a complaint of " + text, () -> complaints().stream().anyMatch(one -> one.contains(text)));
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
        return barriers("");
    }

    /** @return those of what {@link #barriers} finds that come of colours alone */
    List<String> barriersOfColours() {
        return barriers("runOnly: ['color-contrast', 'link-in-text-block'], ");
    }

    private List<String> barriers(String which) {
        if (!run("return typeof axe !== 'undefined'").asBoolean()) {
            run(AXE);
        }
        JsonNode found = send(
                "POST",
                "/execute/async",
                Map.of(
                        "script",
                        "const then = arguments[0]; axe.run(document, {" + which
                                + "resultTypes: ['violations']}).then(found =>"
                                + " then(found.violations.filter(one => one.impact === 'serious' || one.impact === 'critical')"
                                + ".map(one => one.id + ': ' + one.help + ': '"
                                + " + one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join('; '))))",
                        "args",
                        List.of()));
        List<String> barriers = new ArrayList<>();
        found.forEach(barrier -> barriers.add(barrier.asText()));
        return barriers;
    }

    /** Goes on in a tab of its own, without cookies, cached files, or anything else that pages have kept. */
    void forget() {
        run("if (location.protocol.startsWith('http')) localStorage.clear()");
        String fresh = send("POST", "/window/new", Map.of("type", "tab"))
                .path("handle")
                .asText();
        for (JsonNode window : send("GET", "/window/handles", null)) {
            if (!window.asText().equals(fresh)) {
                send("POST", "/window", Map.of("handle", window.asText()));
                send("DELETE", "/window", null);
            }
        }
        send("POST", "/window", Map.of("handle", fresh));
        driver.cdp("Network.clearBrowserCookies", Map.of());
        driver.cdp("Network.clearBrowserCache", Map.of());
        complaints();
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
        return driver.send(method, path, body);
    }

    @Override
    public void close() {
        driver.close();
    }
}
