package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Admission;
import io.millrace.ingest.auth.AuthenticationException;
import io.millrace.ingest.auth.Authenticator;
import io.millrace.ingest.auth.ClientCertificate;
import io.millrace.ingest.auth.CredentialWatch;
import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.RefusedLogins;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.http.server.WebExchange;
import io.millrace.ingest.http.server.WebLimits;
import io.millrace.ingest.http.server.WebServer;
import io.millrace.ingest.http.server.WebTls;
import io.millrace.ingest.limits.CallRates;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.TraceContext;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.RefusalReason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The HTTP server: finds the route, authenticates, reads the body, answers. Each request has a thread of its own. */
public final class HttpDoor implements AutoCloseable {

    /** Room for a code, and what belongs to it. */
    private static final int STRANGERS_BODY_BYTES = 16 << 10;

    private static final Duration STOP_GRACE = Duration.ofSeconds(1);

    private final HttpSettings settings;
    private final Routes routes;
    private final Authenticator authenticator;
    private final CredentialWatch credentials;
    private final RefusalLog refusals;
    private final OrganisationLoads loads;
    private final HttpAudit audit;
    private final Decryption decryption;
    private final UnaryOperator<WebLimits> limits;
    private final StreamThreads streams = new StreamThreads();
    private final OriginTurns strangers = new OriginTurns();
    private final ConsoleFiles console = ConsoleFiles.load();
    private final Set<HttpReply.Later> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean windingDown;
    private volatile boolean stopping;
    private @Nullable WebServer server;

    /**
     * @param settings where to listen
     * @param routes what there is
     * @param authenticator knows the keys
     * @param credentials ends what stays open once its key is in force no more
     * @param refusals where refusals are noted
     * @param loads what every organisation has under way
     * @param audit what is noted besides
     * @param decryption puts plain text into answers
     */
    public HttpDoor(
            HttpSettings settings,
            Routes routes,
            Authenticator authenticator,
            CredentialWatch credentials,
            RefusalLog refusals,
            OrganisationLoads loads,
            HttpAudit audit,
            Decryption decryption) {
        this(
                settings,
                routes,
                authenticator,
                credentials,
                refusals,
                loads,
                audit,
                decryption,
                UnaryOperator.identity());
    }

    /** As above, with other limits of connections than the usual ones. */
    HttpDoor(
            HttpSettings settings,
            Routes routes,
            Authenticator authenticator,
            CredentialWatch credentials,
            RefusalLog refusals,
            OrganisationLoads loads,
            HttpAudit audit,
            Decryption decryption,
            UnaryOperator<WebLimits> limits) {
        this.settings = settings;
        this.routes = routes;
        this.authenticator = authenticator;
        this.credentials = credentials;
        this.refusals = refusals;
        this.loads = loads;
        this.audit = audit;
        this.decryption = decryption;
        this.limits = limits;
    }

    /**
     * Starts to listen.
     *
     * @param status which node it is of, and how that is
     * @param metrics figures of this node, in the text form of Prometheus
     * @param tls how TLS is spoken; empty: plain text
     * @return the address bound
     */
    public synchronized InetSocketAddress start(NodeStatus status, Supplier<String> metrics, Optional<WebTls> tls) {
        server = HttpListener.bind(settings, limits.apply(HttpListener.limits(settings)), audit.proxies(), tls);
        RouteTable table = new RouteTable(routes.all(status, metrics));
        server.start(exchange -> serve(exchange, table));
        return server.address();
    }

    /** Lets each connection end with its next answer. */
    public void windDown() {
        windingDown = true;
    }

    /** Gives requests under way a second. */
    @Override
    public void close() {
        stop(STOP_GRACE);
    }

    /**
     * Lets nobody in any more. Ends streams, and answers requests that wait as if their time were over.
     *
     * @param grace how long other requests under way may take
     */
    public void stop(Duration grace) {
        WebServer stopped = taken();
        if (stopped != null) {
            windDown();
            stopping = true;
            waiting.forEach(HttpReply.Later::end);
            streams.end();
            stopped.stop(grace);
        }
    }

    private synchronized @Nullable WebServer taken() {
        WebServer running = server;
        server = null;
        return running;
    }

    /** @return whether connections are let in */
    public synchronized boolean accepts() {
        return server != null && server.accepts();
    }

    private void serve(WebExchange exchange, RouteTable table) throws IOException {
        try (RequestShare turn = new RequestShare(loads);
                RequestTrace trace = new RequestTrace(audit.traces())) {
            serve(exchange, table, turn, trace);
        }
    }

    private void serve(WebExchange exchange, RouteTable table, RequestShare turn, RequestTrace trace)
            throws IOException {
        HttpReply reply;
        try {
            reply = answer(exchange, table, turn, trace);
            if (reply.later() != null) {
                turn.waits();
                await(reply.later());
                turn.readsHistory();
                reply = reply.later().answer();
            }
            answers(turn, reply);
        } catch (RuntimeException e) {
            reply = HttpErrors.reply(e, method(exchange));
        }
        trace.answered(reply.status());
        exchange.set("Content-Type", reply.contentType());
        exchange.set("Cache-Control", "no-store");
        reply.headers().forEach(exchange::set);
        if (windingDown) {
            exchange.endConnection();
        }
        boolean head = exchange.method().equals("HEAD");
        if (reply.stream() != null) {
            if (reply.stream().stands()) {
                turn.becameStream();
            }
            try (HttpReply.Stream stream = reply.stream()) {
                if (head) {
                    exchange.answer(reply.status());
                } else {
                    OutputStream out = exchange.answerOpen(reply.status());
                    streams.write(() -> write(exchange, out, stream::write));
                }
            }
        } else if (head) {
            exchange.answerHead(reply.status(), reply.body().size());
        } else if (reply.body().isEmpty()) {
            exchange.answer(reply.status());
        } else {
            write(exchange, exchange.answer(reply.status(), reply.body().size()), reply.body()::writeTo);
        }
    }

    private void await(HttpReply.Later later) {
        waiting.add(later);
        try {
            if (stopping) {
                later.end(); // it came just as the others were ended
            }
            later.await();
        } finally {
            waiting.remove(later);
        }
    }

    /** What is not to be written after all is closed: it may hold a connection. */
    private static void answers(RequestShare turn, HttpReply reply) {
        try {
            turn.answers(reply.body().size());
        } catch (RuntimeException tooMany) {
            if (reply.stream() != null) {
                reply.stream().close();
            }
            throw tooMany;
        }
    }

    private void write(WebExchange exchange, OutputStream out, Body body) throws IOException {
        try {
            body.write(out);
        } catch (RuntimeException e) {
            HttpErrors.log(e, method(exchange));
            throw new IOException("expected to write an answer to its end, but failed", e);
        }
        out.close(); // Only now: an answer that breaks off is not to look whole.
    }

    private interface Body {
        void write(OutputStream out) throws IOException;
    }

    private static String method(WebExchange exchange) {
        return exchange.method() + " " + exchange.path();
    }

    private HttpReply answer(WebExchange exchange, RouteTable table, RequestShare turn, RequestTrace trace) {
        if (exchange.method().equals("GET") || exchange.method().equals("HEAD")) {
            Optional<HttpReply> file = console.answer(
                    exchange.path(), exchange.header("Accept-Encoding"), exchange.header("If-None-Match"));
            if (file.isPresent()) {
                return file.get();
            }
        }
        RouteTable.Found matched = table.find(exchange.method(), exchange.path());
        Route route = matched.route();
        if (route.open()) {
            return answerToAll(exchange, matched);
        }
        Admission admission = authenticate(exchange);
        Caller caller = admission.caller();
        exchange.showedKey();
        String method = route.method() + " " + route.template();
        Request request = new Request(caller, method, trace.begin(exchange.header(TraceContext.HEADER), method));
        try {
            String organisation = matched.path().get("slug");
            if (organisation != null && !names(caller, organisation)) {
                throw RefusedException.notFound("expected the organisation of the API key, '" + caller.orgSlug()
                        + "', in the path, but there is another");
            }
            if (isKnownByCertificateAlone(exchange, caller)) {
                CrossSite.fault(
                                exchange.method(),
                                exchange.header("Sec-Fetch-Site"),
                                exchange.header("Origin"),
                                exchange.header("Host"))
                        .ifPresent(fault -> {
                            throw new RefusedException(RefusalReason.PERMISSION_DENIED, fault);
                        });
            }
            Permissions.refusal(caller, request.method()).ifPresent(refusal -> {
                throw refusal;
            });
            Map<String, String> query = QueryParameters.of(exchange.query());
            route.checkQuery(query.keySet());
            turn.take(caller.orgId()); // first: what finds no seat costs nothing of a second
            CallRates.Asking asking = loads.rates().of(caller, admission.limits(), purpose(request.method()));
            asking.enter().ifPresent(HttpDoor::refuse);
            ByteString body = RequestBody.of(exchange, settings.maxBodyBytes(), turn::holds);
            asking.carries(body.size()).ifPresent(HttpDoor::refuse);
            if (route.method().equals("GET")) {
                body = ByteString.EMPTY; // read all the same: until then the server counts the time of the request
            } else {
                RequestBody.checkType(exchange, body);
            }
            if (route.provesRecords()) {
                turn.provesRecords();
            } else if (route.large()) {
                turn.readsHistory();
            }
            if (route.givesPayloadsOfOne()) {
                audit.reads()
                        .note(request, Objects.requireNonNull(matched.path().get("id"), "id"))
                        .join();
            } else if (route.givesPayloadsOfMany()) {
                audit.reads().note(request, matched.path()).join();
            }
            HttpReply reply = route.handler()
                    .handle(new HttpCall(
                            request,
                            matched.path(),
                            query,
                            body,
                            exchange.header("Last-Event-ID"),
                            exchange.header("If-Match"),
                            isNear(exchange)));
            HttpReply shown = route.showsRecords()
                    ? reply
                    : reply.through(
                            json -> decryption.shown(caller.orgId(), json).join());
            return RevocableReply.of(shown, admission.credential(), credentials);
        } catch (RuntimeException e) {
            Throwable cause = Failures.cause(e);
            if (cause instanceof RefusedException refusal && !refusal.logged()) {
                refusals.record(request, refusal);
            } else if (cause instanceof HttpException malformed) {
                refusals.record(request, malformed.refusal());
            }
            throw e;
        }
    }

    private static CallRates.Purpose purpose(String call) {
        return Permissions.relieves(call) ? CallRates.Purpose.RELIEF : CallRates.Purpose.WORK;
    }

    private static void refuse(CallRates.TooMuch tooMuch) {
        throw tooMuch.pause()
                .map(pause -> RefusedException.tooMuchNow(tooMuch.text(), pause))
                .orElseGet(() -> RefusedException.tooMuch(tooMuch.text()));
    }

    /** Nobody is known. What is refused of a body is told in the log as other calls of strangers are. */
    private HttpReply answerToAll(WebExchange exchange, RouteTable.Found matched) {
        // Who probes or scrapes may add parameters of its own.
        Map<String, String> query = Map.of();
        if (matched.route().method().equals("GET")) {
            return matched.route()
                    .handler()
                    .handle(new HttpCall(null, matched.path(), query, ByteString.EMPTY, null, null, isNear(exchange)));
        }
        String origin = origin(exchange);
        try (OriginTurns.Granted granted = strangers.take(RefusedLogins.host(origin))) {
            ByteString body = RequestBody.of(exchange, STRANGERS_BODY_BYTES, bytes -> {});
            RequestBody.checkType(exchange, body);
            return matched.route()
                    .handler()
                    .handle(new HttpCall(null, matched.path(), query, body, null, null, isNear(exchange)));
        } catch (RefusedException | HttpException refused) {
            audit.logins().note(origin);
            throw refused;
        }
    }

    /** Where a proxy is known to be, what comes from there is not the client. */
    private boolean isNear(WebExchange exchange) {
        return exchange.isNear() && !audit.proxies().trusts(exchange.peer().getAddress());
    }

    /** Some clients know their organisation by its slug, some by its id. */
    private static boolean names(Caller caller, String text) {
        return caller.orgSlug().equals(text)
                || Ids.parse(text).filter(caller.orgId()::equals).isPresent();
    }

    private String origin(WebExchange exchange) {
        return audit.proxies()
                .origin(
                        exchange.peer(),
                        exchange.told(),
                        exchange.header("Forwarded"),
                        exchange.header("X-Forwarded-For"));
    }

    private Admission authenticate(WebExchange exchange) {
        String origin = origin(exchange);
        try {
            return authenticator
                    .authenticate(
                            exchange.header("Authorization"),
                            origin,
                            exchange.peer().getAddress(),
                            certificate(exchange).orElse(null))
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof AuthenticationException refused)) {
                throw new IllegalStateException("expected to find out who asks, but failed", e.getCause());
            }
            if (refused.isUnchecked()) {
                throw HttpException.tooMany(refused.getMessage(), Duration.ofSeconds(1));
            }
            audit.logins().note(origin);
            throw HttpException.unauthenticated(refused.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("expected to answer, but the server is going down", e);
        }
    }

    private static Optional<ClientCertificate> certificate(WebExchange exchange) {
        return exchange.session().flatMap(ClientCertificate::of);
    }

    private static boolean isKnownByCertificateAlone(WebExchange exchange, Caller caller) {
        return certificate(exchange)
                .filter(shown -> shown.publicId().equals(caller.principal().getCredential()))
                .isPresent();
    }
}
