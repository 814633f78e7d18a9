package io.millrace.infra.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real browser, steered by the protocol of W3C's WebDriver: Chromium by its driver, as {@code apt-get install chromium
 * chromium-driver} brings them. Without a window. For one thread.
 */
public final class WebDriver implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern LISTENS = Pattern.compile("started successfully on port (\\d+)");
    private static final int FIRST_OF_FAILURES = 300;

    /**
     * The driver takes a free port of IPv6 and then the same number of IPv4, which somebody else may hold; it ends then, and
     * takes another number at the next start.
     */
    private static final int ATTEMPTS = 10;

    private final Process driver;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI session;

    /** The browser does not do what it was asked to. */
    public static final class RefusedError extends AssertionError {

        private static final long serialVersionUID = 1;

        private static final Set<String> PASSING = Set.of(
                "stale element reference", "no such element", "element not interactable", "element click intercepted");

        private final String code;
        private final String said;

        RefusedError(String code, String said, String message) {
            super(message);
            this.code = code;
            this.said = said;
        }

        /** @return whether nothing was done, since the page was being drawn or left: a moment later it may be done */
        public boolean passing() {
            return PASSING.contains(code) || leaving() || said.contains("execution context");
        }

        /** @return whether the page was left while its script ran */
        public boolean leaving() {
            return said.contains("aborted by navigation");
        }
    }

    private WebDriver(Process driver, URI session) {
        this.driver = driver;
        this.session = session;
    }

    /** @return the driver's program, if this machine has one */
    public static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
                .map(folder -> Path.of(folder, "chromedriver"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts a browser, which shows nothing yet.
     *
     * @throws IOException if the driver does not start
     */
    public static WebDriver open(Path program) throws IOException {
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

    private static WebDriver open(Process driver, int port) {
        try {
            URI base = URI.create("http://127.0.0.1:" + port + "/session");
            List<String> arguments = new ArrayList<>(List.of(
                    "--headless=new", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--lang=en"));
            if ("root".equals(System.getProperty("user.name"))) {
                arguments.add("--no-sandbox");
            }
            JsonNode answer = new WebDriver(driver, base)
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
            return new WebDriver(
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

    /** Goes to an address, and waits until its page is loaded. */
    public void go(URI address) {
        send("POST", "/url", Map.of("url", address.toString()));
    }

    /**
     * Makes the page as large as that.
     *
     * @param width in pixels; less than 600 is a phone
     * @param height in pixels
     */
    public void size(int width, int height) {
        cdp(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    /** @return what the script returns */
    public JsonNode run(String script, Object... arguments) {
        return send("POST", "/execute/sync", Map.of("script", script, "args", List.of(arguments)));
    }

    /** @return what the script hands to the function that is its last argument, within half a minute */
    public JsonNode await(String script, Object... arguments) {
        return send("POST", "/execute/async", Map.of("script", script, "args", List.of(arguments)));
    }

    /** @return what the browser answers to a command of its own protocol (CDP) */
    public JsonNode cdp(String command, Map<String, Object> parameters) {
        return send("POST", "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    /**
     * Sends a command of WebDriver.
     *
     * @param path behind the session's
     * @param body what is written as JSON, null: nothing
     * @return the value of the answer
     * @throws RefusedError if the browser does not do it
     */
    public JsonNode send(String method, String path, @Nullable Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(session + path));
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                request.method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
            }
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            JsonNode value = JSON.readTree(response.body()).path("value");
            if (response.statusCode() >= FIRST_OF_FAILURES) {
                String said = value.path("message").asText();
                throw new RefusedError(
                        value.path("error").asText(),
                        said,
                        "expected the browser to do " + method + " " + path + " " + body + ", but it says: " + said);
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the browser was to do " + method + " " + path, e);
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
