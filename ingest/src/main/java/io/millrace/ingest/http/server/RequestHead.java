package io.millrace.ingest.http.server;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Request line and headers, as RFC 9112 has them; what it allows a server to mend is refused instead.
 *
 * @param method as it came
 * @param target path and query, as they came
 * @param newer whether the version is 1.1, so that the connection may be kept and answers may come in chunks
 * @param headers values by name in lower case; of several with one name, the first, but
 *     for those that may stand once
 */
record RequestHead(String method, String target, boolean newer, Map<String, String> headers) {

    /** Of two of these, a proxy in front may take the other one. */
    private static final Set<String> ONCE =
            Set.of("transfer-encoding", "content-length", "host", "authorization", "content-type");
    /** Of which each line goes on with the list of those before: the last word is that of the nearest proxy. */
    private static final Set<String> LISTS = Set.of("forwarded", "x-forwarded-for");

    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    /** @return the head, null where the connection ends before one begins */
    static RequestHead read(LineInput in, WebLimits limits) throws IOException {
        String line = in.line();
        while (line != null && line.isEmpty()) {
            line = in.line(); // left over by clients that end a body with a line of its own
        }
        if (line == null) {
            return null;
        }
        String[] parts = line.split(" ", -1);
        if (parts.length != 3 || !parts[0].matches(TOKEN)) {
            throw MalformedRequest.bad("expected a method, a path and a version in the first line, but it is another");
        }
        if (!parts[2].equals("HTTP/1.1") && !parts[2].equals("HTTP/1.0")) {
            throw new MalformedRequest(
                    505, "HTTP_VERSION_NOT_SUPPORTED", "expected HTTP/1.1 or HTTP/1.0, but got another version");
        }
        boolean newer = parts[2].equals("HTTP/1.1");
        RequestHead head = new RequestHead(parts[0], target(parts[1]), newer, headers(in, limits));
        if (newer && head.header("host") == null) {
            throw MalformedRequest.bad("expected a header Host, as HTTP/1.1 has it, but there is none");
        }
        return head;
    }

    /** Proxies may name the server in front of the path. */
    private static String target(String text) throws IOException {
        String target = text.matches("(?i)https?://[^/?#]+(/.*)?") ? text.replaceFirst("(?i)https?://[^/?#]+", "") : text;
        if (target.isEmpty() && !text.isEmpty()) {
            return "/";
        }
        if (!target.startsWith("/") || target.indexOf('#') >= 0) {
            throw MalformedRequest.bad("expected a path that begins with / and has no #, but got another target");
        }
        return target;
    }

    private static Map<String, String> headers(LineInput in, WebLimits limits) throws IOException {
        Map<String, String> headers = new HashMap<>();
        int count = 0;
        for (String line = in.line(); ; line = in.line()) {
            if (line == null) {
                throw MalformedRequest.bad("expected an empty line behind the headers, but the request ends");
            }
            if (line.isEmpty()) {
                return headers;
            }
            if (++count > limits.headers()) {
                throw new MalformedRequest(
                        431, "HEADERS_TOO_LARGE", "expected at most " + limits.headers() + " headers, but got more");
            }
            int colon = line.indexOf(':');
            if (colon < 0 || !line.substring(0, colon).matches(TOKEN)) {
                throw MalformedRequest.bad("expected a name, a colon and a value in each header, but one is another");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            if (LISTS.contains(name)) {
                headers.merge(name, value, (first, more) -> first + "," + more);
                continue;
            }
            String before = headers.putIfAbsent(name, value);
            boolean same = name.equals("content-length") && value.equals(before); // which RFC 9110 lets pass
            if (before != null && ONCE.contains(name) && !same) {
                throw MalformedRequest.bad("expected one " + name + ", but got two");
            }
        }
    }

    /** @return the header's value, or null; the name in lower case */
    String header(String name) {
        return headers.get(name);
    }

    /** @return whether the body comes in chunks */
    boolean chunked() throws IOException {
        String coding = header("transfer-encoding");
        if (coding == null) {
            return false;
        }
        if (!coding.equalsIgnoreCase("chunked")) {
            throw new MalformedRequest(501, "UNIMPLEMENTED", "expected chunked as Transfer-Encoding, but got another");
        }
        if (!newer || header("content-length") != null) {
            throw MalformedRequest.bad("expected a body either in chunks or of a Content-Length, but got both");
        }
        return true;
    }

    /** @return the length of the body; empty where the request names none */
    OptionalLong length() throws IOException {
        String text = header("content-length");
        if (text == null) {
            return OptionalLong.empty();
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw MalformedRequest.bad("expected a number of bytes as Content-Length, but got another");
        }
        return OptionalLong.of(Long.parseLong(text));
    }

    /** @return whether the client waits for leave to send the body */
    boolean expectsContinue() throws IOException {
        String expected = header("expect");
        if (expected == null) {
            return false;
        }
        if (!expected.equalsIgnoreCase("100-continue")) {
            throw new MalformedRequest(417, "EXPECTATION_FAILED", "expected 100-continue as Expect, but got another");
        }
        return true;
    }

    /** @return whether the connection ends with the answer */
    boolean last() {
        String connection = header("connection");
        return !newer || (connection != null && connection.toLowerCase(Locale.ROOT).contains("close"));
    }
}
