package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.config.Organisation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files with secrets are for the server's user, and there is room for the data. Stateless. */
final class FileCheck {

    private static final List<String> SECRETS = List.of(
            "server.access_file",
            "kafka.properties_file",
            "commands.mac.key_file",
            "tls.key_file",
            "tls.nodes.key_file",
            "audit.key_file",
            "audit.key_store");

    private static final String ROOT = "root";
    private static final long LEAST_BYTES = 1L << 30;

    private FileCheck() {}

    /** @param settings the file from which the settings are, if there is one */
    static List<Finding> findings(ServerConfig config, Optional<Path> settings) {
        String user = System.getProperty("user.name", "");
        List<Finding> findings = new ArrayList<>();
        secrets(config, settings).forEach((setting, file) -> findings.add(secret(setting, file, user)));
        findings.add(data(config.data()));
        return findings;
    }

    /** @return the files that hold secrets, by what names them */
    private static Map<String, Path> secrets(ServerConfig config, Optional<Path> settings) {
        Map<String, Path> files = new LinkedHashMap<>();
        settings.filter(config.stated()::hidesSomethingOf).ifPresent(file -> files.put("--config", file));
        for (String setting : SECRETS) {
            String file = config.stated().values().get(setting);
            if (file != null) {
                files.put(setting, Path.of(file));
            }
        }
        config.access()
                .openId()
                .flatMap(OpenIdSettings::console)
                .flatMap(OpenIdSettings.Console::secretFile)
                .ifPresent(file -> files.put("auth.openid.console.client_secret_file", file));
        for (Organisation organisation : config.access().organisations()) {
            organisation.encryption().ifPresent(encryption -> {
                String name = "encryption of " + organisation.slug() + ": ";
                encryption.keyFile().ifPresent(file -> files.put(name + "key_file", file));
                encryption.keyStore().ifPresent(store -> {
                    store.place().file().ifPresent(file -> files.put(name + "key_store.file", file));
                    store.passwordFile().ifPresent(file -> files.put(name + "key_store.password_file", file));
                });
            });
        }
        return files;
    }

    /**
     * Whether others than the server's user may read or write the file.
     *
     * @param user who runs this
     */
    static Finding secret(String setting, Path file, String user) {
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            Set<PosixFilePermission> rights = attributes.permissions();
            if (rights.contains(PosixFilePermission.OTHERS_READ) || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
                return Finding.warning(
                        "file",
                        setting + " = " + file + " holds secrets, and everybody on this machine may read or write it ("
                                + PosixFilePermissions.toString(rights) + ")",
                        "chmod o= " + file);
            }
            String group = attributes.group().getName();
            if (rights.contains(PosixFilePermission.GROUP_WRITE)
                    || rights.contains(PosixFilePermission.GROUP_READ) && !isOfTheServer(group, user)) {
                return Finding.warning(
                        "file",
                        setting + " = " + file + " holds secrets, and all in the group " + group
                                + " may read or write it (" + PosixFilePermissions.toString(rights) + ")",
                        "let the server's user own it and chmod g= " + file
                                + ", or let a group have it that only that user is in, and chmod g=r");
            }
            return Files.isReadable(file)
                    ? Finding.ok("file", setting + " = " + file + " is not for everybody")
                    : Finding.failure(
                            "file",
                            setting + " = " + file + " cannot be read by this user",
                            "let the server's user own it");
        } catch (IOException e) {
            return Finding.failure(
                    "file", setting + " = " + file + " cannot be looked at: " + e, "make it, or name another file");
        } catch (UnsupportedOperationException e) {
            return Finding.warning(
                    "file",
                    setting + " = " + file + " stands where files have no rights",
                    "move it to another file system");
        }
    }

    /** A group of its own is called like its user. Root is not the server's user, and does not know its group. */
    private static boolean isOfTheServer(String group, String user) {
        return group.equals(user) || user.equals(ROOT) && !group.equals(ROOT);
    }

    private static Finding data(Path folder) {
        Path there = nearest(folder);
        try {
            if (there == null || !Files.isWritable(there)) {
                return Finding.failure(
                        "file",
                        "server.data = " + folder + " cannot be written by this user",
                        "make the folder, and let the server's user own it");
            }
            long free = Files.getFileStore(there).getUsableSpace();
            return free < LEAST_BYTES
                    ? Finding.warning(
                            "file",
                            "server.data = " + folder + " has " + (free >> 20) + " MiB left",
                            "make room: stores of the partitions grow with open workflows")
                    : Finding.ok("file", "server.data = " + folder + " has " + (free >> 30) + " GiB left");
        } catch (IOException e) {
            return Finding.failure(
                    "file",
                    "server.data = " + folder + " cannot be looked at: " + Objects.toString(e.getMessage()),
                    "make the folder, and let the server's user own it");
        }
    }

    /** The folder is made at the first start. */
    private static @Nullable Path nearest(Path folder) {
        Path there = folder;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there;
    }
}
