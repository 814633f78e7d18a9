package io.millrace.infra.config;

import io.millrace.infra.tls.ClientCertificates;
import io.millrace.infra.tls.NamedFile;
import io.millrace.infra.tls.TlsFiles;
import io.millrace.ingest.config.ConfigException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where TLS is spoken, and with which files. They are read by the server alone, when it starts.
 *
 * @param door of gRPC and HTTP; empty: they speak plain text
 * @param nodes of reads between nodes; empty: they are in plain text
 * @param plainTextAllowed whether plain text may be spoken beyond loopback
 */
public record TlsSettings(Optional<TlsFiles> door, Optional<TlsFiles> nodes, boolean plainTextAllowed) {

    /** @throws ConfigException if a file is named without another one that belongs to it */
    static TlsSettings of(SettingValues values) {
        Optional<NamedFile> certificate = file(values, Settings.TLS_CERTIFICATE);
        Optional<NamedFile> key = file(values, Settings.TLS_KEY);
        Optional<NamedFile> authorities = file(values, Settings.TLS_CLIENT_CA);
        expectBoth(Settings.TLS_CERTIFICATE, certificate, Settings.TLS_KEY, key);
        ClientCertificates clients = values.find(Settings.TLS_CLIENTS)
                .orElse(authorities.isPresent() ? ClientCertificates.WANTED : ClientCertificates.NONE);
        if (clients != ClientCertificates.NONE) {
            expect(Settings.TLS_CLIENT_CA, authorities, Settings.TLS_CLIENTS.key() + " asks clients for certificates");
        }
        if (authorities.isPresent()) {
            expect(Settings.TLS_CERTIFICATE, certificate, Settings.TLS_CLIENT_CA.key() + " is set");
        }
        return new TlsSettings(
                certificate.map(shown -> new TlsFiles(certificate, key, authorities, clients)),
                nodes(values, certificate, key),
                values.get(Settings.PLAIN_TEXT));
    }

    private static Optional<TlsFiles> nodes(
            SettingValues values, Optional<NamedFile> certificate, Optional<NamedFile> key) {
        Optional<NamedFile> authorities = file(values, Settings.NODES_CA);
        Optional<NamedFile> ownCertificate = file(values, Settings.NODES_CERTIFICATE);
        Optional<NamedFile> ownKey = file(values, Settings.NODES_KEY);
        expectBoth(Settings.NODES_CERTIFICATE, ownCertificate, Settings.NODES_KEY, ownKey);
        if (ownCertificate.isPresent()) {
            expect(Settings.NODES_CA, authorities, Settings.NODES_CERTIFICATE.key() + " is set");
        }
        if (authorities.isEmpty()) {
            return Optional.empty();
        }
        Optional<NamedFile> shown = ownCertificate.or(() -> certificate);
        expect(Settings.NODES_CERTIFICATE, shown, Settings.NODES_CA.key() + " lets nodes read by TLS");
        return Optional.of(new TlsFiles(shown, ownKey.or(() -> key), authorities, values.get(Settings.NODES_CLIENTS)));
    }

    private static Optional<NamedFile> file(SettingValues values, Setting<Path> setting) {
        return values.find(setting).map(path -> new NamedFile(setting.key(), path));
    }

    private static void expectBoth(
            Setting<Path> one, Optional<NamedFile> first, Setting<Path> other, Optional<NamedFile> second) {
        if (first.isPresent()) {
            expect(other, second, one.key() + " is set");
        }
        if (second.isPresent()) {
            expect(one, first, other.key() + " is set");
        }
    }

    private static void expect(Setting<Path> setting, Optional<NamedFile> found, String why) {
        if (found.isEmpty()) {
            throw new ConfigException("expected a file as " + setting.key() + ", because " + why
                    + ", but the key is missing; it may also be set by the variable " + setting.variable());
        }
    }
}
