package io.millrace.infra.client.api;

import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonException;
import io.millrace.infra.client.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.StringJoiner;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server over HTTP. Every request is sent once. A failure is a {@link ClientException} with the exit code that
 * fits it. For one thread.
 *
 * <p>Uses the older client of the JDK: it starts in half the time of the newer one, and here only one thing happens at
 * a time.
 */
public final class Api {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    /**
     * A server answers sooner than this, as its own longest limit is shorter. A stream says something four times as
     * often.
     */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private static final int PART_BYTES = 64 << 10;

    static {
        // Otherwise it would send a request again by itself if the connection breaks, and so start a workflow twice.
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final Target target;
    private final String remedy;
    private final @Nullable SSLSocketFactory sockets;

    /**
     * @param target the server to ask
     * @throws ClientException if its files for TLS cannot be used
     */
    public Api(Target target) {
        this(target, "start it");
    }

    /**
     * As above.
     *
     * @param remedy what to do where nobody answers, for messages
     */
    public Api(Target target, String remedy) {
        this.target = target;
        this.remedy = remedy;
        sockets = target.tls().sockets();
    }

    /** @return the server that is asked */
    public Target target() {
        return target;
    }

    /** @return the text in the form that may be a part of a URL's path */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * Asks for something of the organisation.
     *
     * @param path the path after that of the organisation, beginning with a slash
     * @param query parameters, not encoded yet
     */
    public HttpAnswer get(String path, Map<String, String> query) {
        return get(path, query, Duration.ZERO);
    }

    /**
     * As above.
     *
     * @param longer time that the server may take in addition to the usual
     */
    public HttpAnswer get(String path, Map<String, String> query, Duration longer) {
        StringJoiner joined = new StringJoiner("&", "?", "").setEmptyValue("");
        query.forEach((name, value) -> joined.add(encoded(name) + "=" + encoded(value)));
        return exchange("GET", organisation() + path + joined, null, ANSWER.plus(longer));
    }

    /**
     * Asks for something that is open to everybody.
     *
     * @param path beginning with a slash
     */
    public HttpAnswer open(String path) {
        return exchange("GET", path, null, ANSWER);
    }

    /**
     * Asks the server to do something.
     *
     * @param body written as JSON
     */
    public HttpAnswer post(String path, Map<String, Object> body) {
        return exchange(
                "POST", organisation() + path, JsonCodec.compact(body).getBytes(StandardCharsets.UTF_8), ANSWER);
    }

    /**
     * Opens a stream of server-sent events.
     *
     * @param lastEventId id of the last event that was seen; empty: from the beginning
     * @return the events, until it is closed
     * @throws StreamOverException if there is nothing after that event, and there never will be
     */
    public SentEvents stream(String path, String lastEventId) throws StreamOverException {
        HttpURLConnection connection = null;
        try {
            connection = connect("GET", organisation() + path, ANSWER);
            connection.setRequestProperty("Accept", "text/event-stream");
            if (!lastEventId.isEmpty()) {
                connection.setRequestProperty("Last-Event-ID", lastEventId);
            }
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_NO_CONTENT) {
                throw new StreamOverException();
            }
            if (status != HttpURLConnection.HTTP_OK) {
                throw refusal(status, body(connection));
            }
            return new SentEvents(connection.getInputStream());
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /**
     * Asks for something large, and writes it into a file as it comes.
     *
     * @param file written anew. What is in it after a failure is no whole answer
     * @throws IOException if the file cannot be written
     */
    public void download(String path, Path file) throws IOException {
        InputStream answer;
        try {
            HttpURLConnection connection = connect("GET", organisation() + path, ANSWER);
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                throw refusal(status, body(connection));
            }
            answer = connection.getInputStream();
        } catch (IOException e) {
            throw unreachable(e);
        }
        try (answer;
                OutputStream to = Files.newOutputStream(file)) {
            byte[] part = part(answer);
            while (part.length > 0) {
                to.write(part);
                part = part(answer);
            }
        }
    }

    /** @return what comes next, nothing at the end */
    private byte[] part(InputStream answer) {
        try {
            return answer.readNBytes(PART_BYTES);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private String organisation() {
        return "/api/orgs/" + encoded(target.organisation());
    }

    private HttpAnswer exchange(String method, String path, byte @Nullable [] sent, Duration patience) {
        boolean sending = false;
        try {
            HttpURLConnection connection = connect(method, path, patience);
            if (sent != null) {
                connection.setRequestProperty("Content-Type", "application/json");
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(sent.length);
                connection.connect();
                sending = true;
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(sent);
                }
            }
            int status = connection.getResponseCode();
            byte[] body = body(connection);
            if (status >= HttpURLConnection.HTTP_MULT_CHOICE) {
                throw refusal(status, body);
            }
            JsonCodec.parse(body);
            return new HttpAnswer(status, body);
        } catch (JsonException e) {
            throw stranger("an answer that is no JSON");
        } catch (IOException e) {
            if (sending) {
                throw new ClientException(
                        ExitCode.UNKNOWN_OUTCOME,
                        "expected an answer of " + target + ", but " + why(e)
                                + "; what was asked for may have been done: look before you ask again");
            }
            throw unreachable(e);
        }
    }

    private HttpURLConnection connect(String method, String path, Duration patience) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base() + path).toURL().openConnection();
        if (sockets != null && connection instanceof HttpsURLConnection encrypted) {
            encrypted.setSSLSocketFactory(sockets);
        }
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(Math.toIntExact(CONNECT.toMillis()));
        connection.setReadTimeout(Math.toIntExact(patience.toMillis()));
        if (!target.token().isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + target.token());
        }
        return connection;
    }

    private String base() {
        String url = target.url().toString();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static byte[] body(HttpURLConnection connection) throws IOException {
        try (InputStream in = connection.getResponseCode() >= HttpURLConnection.HTTP_BAD_REQUEST
                ? connection.getErrorStream()
                : connection.getInputStream()) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    private ClientException refusal(int status, byte[] body) {
        JsonObject error;
        try {
            error = JsonObject.of(JsonCodec.parse(body)).object("error");
        } catch (JsonException e) {
            return stranger("status " + status + " without an error in JSON");
        }
        String message = error.text("message");
        if (message.isEmpty()) {
            return stranger("status " + status + " without an error's text");
        }
        return switch (status) {
            case 400, 413, 415 -> new ClientException(ExitCode.USAGE, message);
            case 401 ->
                new ClientException(
                        ExitCode.FORBIDDEN,
                        message
                                + (target.token().isEmpty()
                                        ? "; name one by --token, by $MILLRACE_TOKEN, or in a context by `millrace context set`"
                                        : "; " + target
                                                + " does not know the key: look at --token, at $MILLRACE_TOKEN, or at the"
                                                + " context, which `millrace context set` changes"));
            case 403 -> new ClientException(ExitCode.FORBIDDEN, message);
            case 404 -> new ClientException(ExitCode.NOT_FOUND, message);
            case 429, 503 ->
                new ClientException(
                        ExitCode.UNREACHABLE, target + " cannot serve this now: " + message + "; ask again later");
            case 504 ->
                new ClientException(
                        ExitCode.UNKNOWN_OUTCOME,
                        message + "; what was asked for may have been done: look before you ask again");
            default -> new ClientException(ExitCode.FAILED, message);
        };
    }

    private ClientException stranger(String got) {
        return new ClientException(
                ExitCode.UNREACHABLE,
                "expected a Millrace server at " + target + ", but got " + got + "; another program may listen there");
    }

    private ClientException unreachable(IOException e) {
        return new ClientException(
                ExitCode.UNREACHABLE,
                "expected a server at " + target + ", but " + why(e) + "; " + remedy
                        + ", or name another by --context or --url");
    }

    private static String why(IOException e) {
        return switch (e) {
            case ConnectException refused -> "nobody listens there";
            case UnknownHostException unknown -> "the name of its host is not known";
            case NoRouteToHostException away -> "there is no way to its host";
            case SocketTimeoutException late -> "it does not answer";
            case SSLException plain
            when String.valueOf(plain.getMessage()).contains("Unsupported or unrecognized") ->
                "what answers there speaks no TLS; a server in plain text has an address that begins with http://";
            case SSLException unsafe ->
                "TLS with it failed: " + unsafe.getMessage()
                        + "; --ca-file names the authority of its certificate, --certificate-file one of yours, if it wants that";
            case IOException other
            when String.valueOf(other.getMessage()).contains("Invalid Http response") ->
                "what answers there speaks no HTTP; gRPC has a port of its own, so the address may need the other one, such as 8000";
            default -> "the connection failed: " + e.getMessage();
        };
    }
}
