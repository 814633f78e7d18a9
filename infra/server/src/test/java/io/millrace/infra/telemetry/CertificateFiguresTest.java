package io.millrace.infra.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import io.millrace.infra.tls.ClientCertificates;
import io.millrace.infra.tls.NamedFile;
import io.millrace.infra.tls.Tls;
import io.millrace.infra.tls.TlsFiles;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CertificateFiguresTest {

    @Test
    void theyTellWhenTheCertificateAndTheAuthoritiesEnd() throws IOException {
        try (TempFolder folder = new TempFolder()) {
            TestAuthority authority = new TestAuthority(folder.path(), "ca");
            Issued issued = authority.issue("own", "CN=own", "localhost");
            TlsFiles files = new TlsFiles(
                    Optional.of(new NamedFile("c", issued.certificate())),
                    Optional.of(new NamedFile("k", issued.key())),
                    Optional.of(new NamedFile("a", authority.file())),
                    ClientCertificates.WANTED);
            try (Tls tls = new Tls("a test", files);
                    NodeMetrics metrics = new NodeMetrics()) {
                metrics.of("clients", tls);

                assertEquals(
                        tls.content().chainExpires().orElseThrow().getEpochSecond(),
                        figure(metrics, "{part=\"own\",use=\"clients\"}"));
                assertEquals(
                        tls.content().authoritiesExpire().orElseThrow().getEpochSecond(),
                        figure(metrics, "{part=\"authorities\",use=\"clients\"}"));
            }
        }
    }

    private static long figure(NodeMetrics metrics, String labels) {
        String begin = "millrace_certificate_not_after_seconds" + labels + " ";
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> new BigDecimal(line.substring(begin.length())).longValueExact())
                .findFirst()
                .orElseThrow(() -> new AssertionError(metrics.text()));
    }
}
