package io.millrace.infra.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.testing.TempFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who else could read the secrets. */
class FileCheckTest {

    private static Path file(TempFolder folder, String name, String rights, String text) throws IOException {
        Path file = Files.writeString(folder.path().resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }

    @Test
    void aGroupMayReadOnlyIfItIsThatOfTheServer() throws IOException {
        try (TempFolder folder = new TempFolder()) {
            Path file = file(folder, "keys", "rw-r-----", "k");
            String group = Files.readAttributes(file, PosixFileAttributes.class)
                    .group()
                    .getName();

            Finding others = FileCheck.secret("s", file, "not " + group);
            assertEquals(Finding.Level.WARNING, others.level());
            assertTrue(others.found().contains("all in the group " + group), others.found());
            if (!group.equals("root")) {
                assertEquals(
                        Finding.Level.OK, FileCheck.secret("s", file, group).level());
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
            assertEquals(
                    Finding.Level.WARNING, FileCheck.secret("s", file, group).level());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertEquals(
                    Finding.Level.OK,
                    FileCheck.secret("s", file, "not " + group).level());
        }
    }

    @Test
    void wrappingKeysPasswordsAndTheSettingsThemselvesAreLookedAt() throws IOException {
        try (TempFolder folder = new TempFolder()) {
            String open = "rw-r--r--";
            Path wrapping = file(folder, "wrapping-keys", open, "w1 AA");
            Path password = file(folder, "password", open, "secret");
            Path access = file(folder, "access.toml", open, """
                    [[orgs]]
                    id = "11111111-1111-4111-8111-111111111111"
                    slug = "alpha"

                    [orgs.encryption]
                    key_file = "%s"

                    [[orgs]]
                    id = "22222222-2222-4222-8222-222222222222"
                    slug = "beta"

                    [orgs.encryption.key_store]
                    type = "PKCS11"
                    password_file = "%s"
                    aliases = ["w1"]

                    [auth]
                    enabled = false
                    """.formatted(wrapping, password));
            String plain = """
                    kafka.bootstrap_servers = "127.0.0.1:1"
                    server.access_file = "%s"
                    """.formatted(access);
            Path settings = file(folder, "millrace.toml", open, plain + "postgres.password = \"secret\"\n");
            Path harmless = file(folder, "harmless.toml", open, plain);

            assertEquals(List.of(settings, access, wrapping, password), open(settings));
            assertEquals(List.of(access, wrapping, password), open(harmless));
        }
    }

    private static List<Path> open(Path settings) {
        ServerConfig config = ServerConfig.load(Map.of(), Map.of(), Optional.of(settings));
        return FileCheck.findings(config, Optional.of(settings)).stream()
                .filter(finding -> finding.level() == Finding.Level.WARNING)
                .map(Finding::advice)
                .filter(advice -> advice.startsWith("chmod o= "))
                .map(advice -> Path.of(advice.substring("chmod o= ".length())))
                .toList();
    }
}
