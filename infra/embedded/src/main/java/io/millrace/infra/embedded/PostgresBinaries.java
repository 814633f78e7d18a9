package io.millrace.infra.embedded;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the build into the user's cache folder, for this and all later starts. The
 * folder is closed to other users and is not that for temporary files, because we run what lies in it.
 */
final class PostgresBinaries {

    private static final String COMPLETE = ".complete";

    /** Of the archive of this build, once it was looked at. */
    private static @Nullable String digest;

    private final Path folder;

    private PostgresBinaries(Path folder) {
        this.folder = folder;
    }

    /** Unpacks the programs, unless that was done before. Several processes may do so at a time. */
    static synchronized PostgresBinaries unpack() throws IOException {
        Path cache = cacheFolder();
        if (digest == null) {
            digest = digest(archive());
        }
        Path folder = cache.resolve("postgres-" + digest);
        once(cache, folder.resolve(COMPLETE), () -> {
            unpack(archive(), folder);
            Files.createFile(folder.resolve(COMPLETE));
        });
        return new PostgresBinaries(folder);
    }

    /** Makes something of the programs. */
    interface Making {
        /** @param draft a folder that is not there, beside what it becomes */
        void make(Path draft) throws IOException;
    }

    /**
     * @param name of what is made, as a part of a file's name
     * @param making done once on a machine, unless it fails or is cut short
     * @return the folder that was made
     */
    Path made(String name, Making making) throws IOException {
        Path made = folder.resolve(name);
        synchronized (PostgresBinaries.class) {
            once(Objects.requireNonNull(folder.getParent(), "the cache folder"), made, () -> {
                Path draft = folder.resolve(name + "-draft");
                deleteAll(draft);
                making.make(draft);
                Files.move(draft, made);
            });
        }
        return made;
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Several processes may come at a time, but only one thread of each: locks of files are those of processes. */
    private static void once(Path cache, Path done, Work work) throws IOException {
        if (Files.exists(done)) {
            return;
        }
        try (FileChannel channel =
                        FileChannel.open(cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!Files.exists(done) && lock.isValid()) {
                work.run();
            }
        }
    }

    /** Deletes what is there, if anything is. */
    static void deleteAll(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> walk = Files.walk(tree)) {
                for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static Path cacheFolder() throws IOException {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        Path ours = Files.createDirectories(base.resolve("millrace"));
        Files.setPosixFilePermissions(ours, PosixFilePermissions.fromString("rwx------"));
        return ours;
    }

    private static byte[] archive() throws IOException {
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        String architecture = System.getProperty("os.arch");
        try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
                mac ? "Darwin" : "Linux", "amd64".equals(architecture) ? "x86_64" : architecture)) {
            return in.readAllBytes();
        }
    }

    private static String digest(byte[] archive) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Unpacks over the remains of an attempt that was cut short, if there are any. */
    private static void unpack(byte[] archive, Path target) throws IOException {
        try (TarArchiveInputStream in =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path path = target.resolve(entry.getName()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException(
                            "expected " + entry.getName() + " to stay within its archive, but it does not");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                    continue;
                }
                Files.createDirectories(path.getParent());
                Files.deleteIfExists(path);
                if (entry.isSymbolicLink() || entry.isLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(in, path);
                    if (path.startsWith(target.resolve("bin"))) {
                        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                    }
                }
            }
        }
    }

    /**
     * @return the command that runs a program. For root it runs within a user namespace, as the programs refuse to run
     *     as root
     */
    List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (LinuxUtils.isUnshareAvailable()) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(folder.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }
}
