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
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A real browser, with what tests ask of it. For one thread.
 *
 * <p>Pages are drawn again at any time, under the hands of whoever uses them. So what a test does to an element is done by one script
 * in the page, which finds it, sees that a person could reach it, and does it: nothing is drawn in between. What nobody could reach
 * yet (it is not there, is disabled, stands behind a dialog) is waited for.
 */
final class Browser implements AutoCloseable {

    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

    /** Control and A, and Control let go: the whole text of a field is marked. */
    private static final String ALL_OF_IT = "\uE009a\uE009";

    private static final String DELETE = "\uE017";

    private static final String AXE = axe();

    /** Finds the first of those that can be seen, in the dialog where one is open, once a person could click it. */
    private static final String REACH = """
            const reach = (css, text) => {
              const open = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document;
              const at = [...open.querySelectorAll(css)].find(one =>
                  one.checkVisibility({visibilityProperty: true}) && (text === null || one.innerText.trim() === text));
              if (!at || at.disabled) return null;
              const hit = block => {
                at.scrollIntoView({block, inline: 'nearest'});
                const box = [...at.getClientRects()].find(one => one.width > 0 && one.height > 0);
                return box && at.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
              };
              return hit('nearest') || hit('center') ? at : null;
            };
            """;

    private static final String CLICK = REACH + """
            const at = reach(arguments[0], arguments[1]);
            if (!at) return false;
            at.focus({preventScroll: true});
            at.click();
            return true;
            """;

    private static final String FOCUS = REACH + """
            const at = reach(arguments[0], null);
            at?.focus({preventScroll: true});
            return document.activeElement === at ? at : null;
            """;

    private static final String SET = REACH + """
            const [css, value, event] = arguments;
            const at = reach(css, null);
            if (!at || at.options && ![...at.options].some(one => one.value === value)) return false;
            at.value = value;
            at.dispatchEvent(new Event(event, {bubbles: true}));
            return true;
            """;

    private static final String GO_TO = """
            const [place, then] = arguments;
            const before = location.hash;
            const drawn = () => setTimeout(then); // what hears of the change draws before the next task
            addEventListener('hashchange', drawn, {once: true});
            location.hash = place;
            if (location.hash === before) {
              removeEventListener('hashchange', drawn);
              then();
            }
            """;

    /** Why a task stands where it does comes from the read model, which may not have a new one yet. */
    private static final Pattern TOO_NEW = Pattern.compile("/task-executions/[^/]+/why .*404");

    private static final Pattern NO_TEXT = Pattern.compile("[\\p{Co}\\p{Cntrl}]");

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
                "an element " + css, () -> passing(() -> all(css).stream().findFirst()));
    }

    List<String> all(String css) {
        List<String> found = new ArrayList<>();
        send("POST", "/elements", Map.of("using", "css selector", "value", css))
                .forEach(element -> found.add(element.path(ELEMENT).asText()));
        return found;
    }

    /** @return what came of it, or nothing where the page was being drawn or left */
    private static <T> Optional<T> passing(Supplier<Optional<T>> look) {
        try {
            return look.get();
        } catch (WebDriver.RefusedError e) {
            if (e.passing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void until(String what, BooleanSupplier done) {
        Await.found(what, () -> passing(() -> done.getAsBoolean() ? Optional.of(true) : Optional.empty()));
    }

    /** Clicks the first element that fits and can be seen. */
    void click(String css) {
        until("to click " + css, () -> clicked(css, null));
    }

    /** Clicks the first element that fits, can be seen, and has this text. */
    void click(String css, String text) {
        until("to click " + css + " '" + text + "'", () -> clicked(css, text));
    }

    private boolean clicked(String css, String text) {
        try {
            return run(CLICK, css, text).asBoolean();
        } catch (WebDriver.RefusedError e) {
            if (e.leaving()) {
                return true; // that came of the click
            }
            throw e;
        }
    }

    /** Types into the first field that fits, behind what stands there. */
    void type(String css, String text) {
        until("to type into " + css, () -> {
            String field = run(FOCUS, css).path(ELEMENT).asText();
            if (field.isEmpty()) {
                return false;
            }
            send("POST", "/element/" + field + "/value", Map.of("text", text));
            return true;
        });
        if (!NO_TEXT.matcher(text).find()) {
            until("'" + text + "' to stand in " + css, () -> value(css).contains(text));
        }
    }

    /** @return what stands in the first field that fits and can be seen, empty if there is none */
    String value(String css) {
        return run(
                        "return [...document.querySelectorAll(arguments[0])].find(at => at.checkVisibility())?.value ?? ''",
                        css)
                .asText();
    }

    /**
     * Sets a field as what fills in fields for people does: at once, and then it is told.
     *
     * @param event input or change
     */
    void set(String css, String value, String event) {
        until(
                "to set " + css + " to " + value,
                () -> run(SET, css, value, event).asBoolean());
    }

    /** Goes to a place within the page, by what stands behind the # of its address, until that is drawn. */
    void goTo(String place) {
        driver.await(GO_TO, "#/" + place);
    }

    /**
     * Empties a field with the keyboard, as people do. The driver's own command sets the value from outside and tells the page of no
     * input, so a page that keeps what was typed would write it back when it is drawn again.
     */
    void clear(String css) {
        type(css, ALL_OF_IT + DELETE);
        until(css + " to be empty", () -> value(css).isEmpty());
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
        until("'" + text + "' in " + css, () -> text(css).contains(text));
    }

    JsonNode run(String script, Object... arguments) {
        // A list that may hold null.
        return send("POST", "/execute/sync", Map.of("script", script, "args", Arrays.asList(arguments)));
    }

    /** Waits until the browser has complained of what a test does on purpose, such as asking for what is not there. */
    void awaitComplaint(String text) {
        Await.until("a complaint of " + text, () -> complaints().stream().anyMatch(one -> one.contains(text)));
    }

    /** @return what the browser complained of since the last time: errors of scripts, of its policies, of what it loads */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        send("POST", "/se/log", Map.of("type", "browser")).forEach(entry -> {
            String message = entry.path("message").asText();
            // Below these it gives advice, such as on forms with passwords.
            if (List.of("WARNING", "SEVERE").contains(entry.path("level").asText())
                    && !TOO_NEW.matcher(message).find()) {
                complaints.add(message);
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
