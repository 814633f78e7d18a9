package io.millrace.ingest.http.server;

import io.millrace.proto.FailureTrace;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks what the library leaves to its user, and hands each request on, on a thread of its own. Any thread. */
final class Requests extends Handler.Abstract {

    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

    private final WebConnections connections;
    private final WebLimits limits;
    private final WebServer.Handler handler;

    Requests(WebConnections connections, WebLimits limits, WebServer.Handler handler) {
        this.connections = connections;
        this.limits = limits;
        this.handler = handler;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Optional<WebConnection> connection =
                connections.of(request.getConnectionMetaData().getConnection().getEndPoint());
        if (connection.isEmpty()) {
            callback.failed(new EofException("expected an open connection, but it has been closed"));
            return true;
        }
        // What takes long here is waited for elsewhere; reads and writes are ended by the same time all the same.
        request.addIdleTimeoutListener(idle -> false);
        connection.get().begins();
        try {
            WebExchange exchange = new WebExchange(request, response, connection.get(), limits);
            check(request);
            handler.handle(exchange);
            exchange.finish();
            callback.succeeded();
        } catch (MalformedRequest | AnswerAside told) {
            callback.failed(told);
        } catch (SocketTimeoutException late) {
            callback.failed(MalformedRequest.late());
        } catch (IOException e) {
            if (!response.isCommitted()) {
                connection.get().close(); // or else the library would answer, though nobody failed
            }
            callback.failed(new EofException(e)); // nothing to write down: it is the client's doing
        } catch (RuntimeException | Error e) {
            LOG.error(
                    "unexpected failure of {} {}: {}",
                    request.getMethod(),
                    request.getHttpURI().getPath(),
                    FailureTrace.of(e));
            callback.failed(e);
        } finally {
            connection.get().ends();
        }
        return true;
    }

    private void check(Request request) throws MalformedRequest {
        if (request.getHeaders().size() > limits.headers()) {
            throw new MalformedRequest(
                    431, "HEADERS_TOO_LARGE", "expected at most " + limits.headers() + " headers, but got more");
        }
        String path = request.getHttpURI().getPath();
        if (path == null || !path.startsWith("/") || request.getHttpURI().getFragment() != null) {
            throw MalformedRequest.bad("expected a path that begins with / and has no #, but got another target");
        }
        // Of two of these, a proxy in front may take the other one.
        expectOnce(request, HttpHeader.AUTHORIZATION);
        expectOnce(request, HttpHeader.CONTENT_TYPE);
    }

    private static void expectOnce(Request request, HttpHeader header) throws MalformedRequest {
        int count = 0;
        for (HttpField field : request.getHeaders()) {
            count += field.getHeader() == header ? 1 : 0;
        }
        if (count > 1) {
            throw MalformedRequest.bad("expected one " + header.asString() + ", but got " + count);
        }
    }
}
