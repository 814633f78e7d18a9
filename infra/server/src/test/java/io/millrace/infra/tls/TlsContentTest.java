package io.millrace.infra.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestAuthority;
import io.millrace.infra.testing.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TlsContentTest {

    private static final Instant NOW = Instant.now();

    private final TempFolder folder = new TempFolder();
    private final TestAuthority authority = new TestAuthority(folder.path(), "ca");
    private final Issued good = authority.issue("good", "CN=good", "127.0.0.1");

    @AfterEach
    void delete() throws IOException {
        folder.close();
    }

    private static TlsFiles files(Path certificate, Path key, Path authorities) {
        return new TlsFiles(
                Optional.of(new NamedFile("tls.certificate_file", certificate)),
                Optional.of(new NamedFile("tls.key_file", key)),
                Optional.ofNullable(authorities).map(file -> new NamedFile("tls.client_ca_file", file)),
                ClientCertificates.NONE);
    }

    private String refused(Path certificate, Path key, Path authorities) {
        return assertThrows(TlsException.class, () -> TlsContent.read(files(certificate, key, authorities), NOW))
                .getMessage();
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.path().resolve(name), text);
    }

    @Test
    void goodFilesAreTaken() {
        TlsContent content = TlsContent.read(files(good.certificate(), good.key(), authority.file()), NOW);

        assertEquals(2, content.chain().size());
        assertEquals(1, content.authorities().size());
        assertTrue(content.expires().orElseThrow().isAfter(NOW));
    }

    @Test
    void aFileThatIsNotThereIsNamedWithItsSetting() {
        Path none = folder.path().resolve("none.pem");

        assertEquals(
                "expected a file at " + none + " (tls.certificate_file), but there is none",
                refused(none, good.key(), null));
        assertTrue(refused(good.certificate(), none, null).contains(none + " (tls.key_file)"));
        assertTrue(refused(good.certificate(), good.key(), none).contains(none + " (tls.client_ca_file)"));
    }

    @Test
    void aFileWithoutACertificateIsRefused() throws IOException {
        Path empty = file("empty.pem", "nothing\n");

        assertTrue(refused(empty, good.key(), null).contains("expected a certificate in PEM"));
        assertTrue(refused(good.certificate(), good.key(), good.key()).contains("expected a certificate in PEM"));
    }

    @Test
    void aCertificateThatIsDamagedIsRefused() throws IOException {
        Path damaged = file("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        assertTrue(refused(damaged, good.key(), null).contains("number 1 cannot be read"));
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() {
        Issued other = authority.issue("other", "CN=other", "127.0.0.1");

        String text = refused(good.certificate(), other.key(), null);

        assertTrue(text.contains(good.certificate() + " (tls.certificate_file)"), text);
        assertTrue(text.contains("in " + other.key() + " (tls.key_file), but there is that of another"), text);
    }

    @Test
    void aKeyInAnOlderFormIsRefusedWithAWayToMakeOneThatFits() throws IOException {
        Path older = file("older.pem", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");

        String text = refused(good.certificate(), older, null);

        assertTrue(text.contains("'EC PRIVATE KEY'") && text.contains("openssl pkcs8 -topk8"), text);
    }

    @Test
    void nothingOfAKeyIsTold() throws IOException {
        String secret = "c2VjcmV0c2VjcmV0";
        Path wrong = file("wrong.pem", "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n");

        TlsException refusal =
                assertThrows(TlsException.class, () -> TlsContent.read(files(good.certificate(), wrong, null), NOW));

        assertFalse((refusal + " " + refusal.getCause()).contains(secret), refusal.getMessage());
        assertTrue(refusal.getMessage().contains("expected a private key for EC"), refusal.getMessage());
    }

    @Test
    void aCertificateThatIsNotValidNowIsRefused() {
        Issued expired = authority.issue(
                "expired", "CN=expired", NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1)), "localhost");
        Issued early = authority.issue(
                "early", "CN=early", NOW.plus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(2)), "localhost");

        assertTrue(refused(expired.certificate(), expired.key(), null).contains("that of CN=expired expired at 2"));
        assertTrue(refused(early.certificate(), early.key(), null).contains("CN=early is valid only from 2"));
    }

    @Test
    void aChainThatDoesNotHoldIsRefused() throws IOException {
        TestAuthority other = new TestAuthority(folder.path(), "other-ca");
        String own = Files.readString(good.certificate());
        String first = own.substring(0, own.indexOf("-----END CERTIFICATE-----") + 26);
        Path broken = file("broken.pem", first + Files.readString(other.file()));

        assertTrue(refused(broken, good.key(), null)
                .contains("number 1, of CN=good, is not signed by number 2, of CN=other-ca"));
    }
}
