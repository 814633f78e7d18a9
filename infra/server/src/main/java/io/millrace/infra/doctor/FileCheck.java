package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files with secrets are for the server's user, and there is room for the data. Stateless. */
final class FileCheck {

    private static final List<String> SECRETS = List.of(
            "server.access_file", "commands.mac.key_file", "tls.key_file", "tls.nodes.key_file", "audit.key_file");

    private static final long LEAST_BYTES = 1L << 30;

    private FileCheck() {}

    static List<Finding> findings(ServerConfig config) {
        List<Finding> findings = new ArrayList<>();
        for (String setting : SECRETS) {
            String file = config.stated().values().get(setting);
            if (file != null) {
                findings.add(secret(setting, Path.of(file)));
            }
        }
        findings.add(data(config.data()));
        return findings;
    }

    private static Finding secret(String setting, Path file) {
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
            if (rights.contains(PosixFilePermission.OTHERS_READ) || rights.contains(PosixFilePermission.OTHERS_WRITE)) {
                return Finding.warning(
                        "file",
                        setting + " = " + file + " holds secrets, and everybody on this machine may read or write it ("
                                + PosixFilePermissions.toString(rights) + ")",
                        "chmod o= " + file);
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
