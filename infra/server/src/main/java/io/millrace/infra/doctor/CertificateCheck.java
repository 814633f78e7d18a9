package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.tls.TlsContent;
import io.millrace.infra.tls.TlsException;
import io.millrace.infra.tls.TlsFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Certificates can be used, and are valid for a while. Stateless. */
final class CertificateCheck {

    private static final Duration SOON = Duration.ofDays(30);

    private CertificateCheck() {}

    static List<Finding> findings(ServerConfig config) {
        List<Finding> findings = new ArrayList<>();
        config.tls().door().ifPresentOrElse(files -> findings.add(look("of gRPC and HTTP", files)), () -> {
            if (config.tls().plainTextAllowed()) {
                findings.add(Finding.warning(
                        "TLS",
                        "gRPC and HTTP speak plain text, as tls.allow_plain_text_beyond_loopback lets them",
                        "see that nobody but the proxy that ends TLS reaches "
                                + config.grpc().host() + " and " + config.http().host()));
            }
        });
        config.tls().nodes().ifPresent(files -> findings.add(look("of reads between nodes", files)));
        return findings;
    }

    private static Finding look(String use, TlsFiles files) {
        try {
            Instant now = Instant.now();
            Optional<Instant> end = TlsContent.read(files, now).expires();
            boolean soon = end.filter(when -> when.isBefore(now.plus(SOON))).isPresent();
            String found = "the certificate " + use + " is valid until "
                    + end.map(Instant::toString).orElse("its authorities are not");
            return soon
                    ? Finding.warning(
                            "certificate", found, "put a new one into its file; the node takes it without a restart")
                    : Finding.ok("certificate", found);
        } catch (TlsException e) {
            return Finding.failure("certificate", String.valueOf(e.getMessage()), "mend the file that is named");
        }
    }
}
