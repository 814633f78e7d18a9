package io.millrace.infra.tls;

import io.millrace.ingest.http.server.WebTls;
import io.millrace.proto.thread.Recurring;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates and keys of one use, as they stand in their files now. The files are looked at every two seconds.
 * New content counts for new connections; those that are open go on. Content that cannot be used is logged, and the
 * former one stays in use. Safe from any thread; asking for the context never waits.
 */
public final class Tls implements Supplier<SSLContext>, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final Duration LOOK = Duration.ofSeconds(2);
    /** From so long before the end on, the log warns once a day. */
    private static final Duration WARN_BEFORE = Duration.ofDays(14);

    private static final Duration DAY = Duration.ofDays(1);

    private final String use;
    private final TlsFiles files;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-tls-files").daemon(true).factory());
    private volatile TlsContent content;
    /** What stood in the files when they were taken last. */
    private List<byte[]> seen;

    private Instant warnNext = Instant.MIN;

    /**
     * Reads the files, and looks at them from now on.
     *
     * @param use what it is for, as the log calls it
     * @throws TlsException if they cannot be used
     */
    public Tls(String use, TlsFiles files) {
        this.use = use;
        this.files = files;
        seen = bytes();
        content = TlsContent.read(files, Instant.now());
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK,
                "the files for TLS of " + use + " cannot be used as they are now; what was read before stays in use",
                this::look);
    }

    private List<byte[]> bytes() {
        List<byte[]> all = new ArrayList<>();
        Stream.of(files.certificate(), files.key(), files.authorities())
                .forEach(file -> file.ifPresent(each -> all.add(each.read())));
        return all;
    }

    /**
     * Looks whether the files have changed.
     *
     * @throws TlsException if they cannot be used as they are now; what was read before stays in use then
     */
    synchronized void look() {
        List<byte[]> now = bytes();
        if (!same(now, seen)) {
            // Certificate and key are two files. Between the two writes they do not fit: that is told by the next look.
            content = TlsContent.read(files, Instant.now());
            seen = now;
            warnNext = Instant.MIN;
            LOG.info("TLS of {} has new certificates, {}", use, validity());
        }
        warnBeforeTheEnd(Instant.now());
    }

    private void warnBeforeTheEnd(Instant now) {
        content.expires()
                .filter(end -> end.isBefore(now.plus(WARN_BEFORE)) && now.isAfter(warnNext))
                .ifPresent(end -> {
                    warnNext = now.plus(DAY);
                    LOG.warn(
                            "the certificate of {} {} at {}: put a new one into {}",
                            use,
                            end.isBefore(now) ? "expired" : "expires",
                            end,
                            files.certificate()
                                    .map(NamedFile::path)
                                    .map(Path::toString)
                                    .orElse("its file"));
                });
    }

    private String validity() {
        return content.expires().map(end -> "valid until " + end).orElse("none of its own");
    }

    private static boolean same(List<byte[]> some, List<byte[]> others) {
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (!Arrays.equals(some.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** @return the context for new connections; another one once the files have changed */
    @Override
    public SSLContext get() {
        return content.context();
    }

    /** @return what is in use now */
    public TlsContent content() {
        return content;
    }

    /** @return what is expected of clients */
    public ClientCertificates clients() {
        return files.clients();
    }

    /** @return the same for an HTTP port */
    public WebTls web() {
        return new WebTls(
                this,
                TlsProtocols.ALLOWED,
                files.clients() == ClientCertificates.WANTED,
                files.clients() == ClientCertificates.NEEDED);
    }

    /** The files are not looked at any more. The context stays as it is. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
