package io.millrace.infra.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.system.SharedServer;
import io.millrace.infra.system.TestServer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How the files of the console are served. */
@ExtendWith(SharedServer.class)
class ConsoleFilesTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static TestServer server;

    @BeforeAll
    static void start(TestServer shared) {
        server = shared;
    }

    @AfterAll
    static void stop() {
        HTTP.close();
    }

    private static HttpResponse<byte[]> send(String method, String path, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.http(path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    /** The files that the page names. */
    private static List<String> named() throws Exception {
        List<String> named = new ArrayList<>();
        Matcher matcher = Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(text(send("GET", "/")));
        while (matcher.find()) {
            named.add("/" + matcher.group(1));
        }
        return named;
    }

    @Test
    void thePageIsAskedForEachTimeAndNothingForeignMayRunInIt() throws Exception {
        HttpResponse<byte[]> page = send("GET", "/");

        assertEquals(200, page.statusCode());
        assertEquals("text/html; charset=utf-8", header(page, "content-type"));
        assertEquals("no-cache", header(page, "cache-control"));
        assertEquals("nosniff", header(page, "x-content-type-options"));
        assertEquals("no-referrer", header(page, "referrer-policy"));
        String policy = header(page, "content-security-policy");
        assertTrue(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self';"), policy);
        assertTrue(policy.contains("frame-ancestors 'none'"), policy);
        assertFalse(policy.contains("unsafe"), policy);
        assertEquals(
                304, send("GET", "/", "If-None-Match", header(page, "etag")).statusCode());
        assertEquals(200, send("GET", "/", "If-None-Match", "\"other\"").statusCode());
        assertEquals(0, send("HEAD", "/").body().length);
    }

    @Test
    void whatBelongsToItIsKeptForEverCompressedAndOfNoOtherHost() throws Exception {
        List<String> named = named();
        assertEquals(3, named.size(), named::toString);
        int compressed = 0;
        for (String path : named) {
            assertTrue(path.matches("/console/\\w+-[0-9a-f]{16}\\.(js|css|svg)"), path);
            HttpResponse<byte[]> plain = send("GET", path);
            HttpResponse<byte[]> packed = send("GET", path, "Accept-Encoding", "br, gzip;q=0.5");
            assertEquals(200, plain.statusCode(), path);
            assertEquals("public, max-age=31536000, immutable", header(plain, "cache-control"));
            assertEquals("nosniff", header(plain, "x-content-type-options"));
            assertEquals("gzip", header(packed, "content-encoding"));
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
                assertEquals(text(plain), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
            compressed += packed.body().length;
            Matcher host = Pattern.compile("https?://[\\w.-]+").matcher(text(plain));
            while (host.find()) {
                // Names of what SVG and MathML are, which nobody loads.
                assertEquals("http://www.w3.org", host.group(), path);
            }
        }
        assertTrue(compressed < 300_000, "the console has " + compressed + " bytes, compressed");
        assertTrue(send("GET", named.getFirst(), "Accept-Encoding", "gzip;q=0")
                .headers()
                .firstValue("content-encoding")
                .isEmpty());
    }

    @Test
    void nothingElseIsServedBesideIt() throws Exception {
        for (String path : List.of(
                "/console/", "/console/index.html", "/console/files.txt", "/console/../index.html", "/index.html")) {
            assertEquals(404, send("GET", path).statusCode(), path);
        }
        assertEquals(404, send("POST", "/").statusCode());
        assertEquals(200, send("GET", "/console/preact-licence.txt").statusCode());
        assertEquals(200, send("GET", "/console/uplot-licence.txt").statusCode());
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
