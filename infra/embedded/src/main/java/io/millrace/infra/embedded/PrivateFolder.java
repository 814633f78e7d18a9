package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A folder that only its owner can look into. */
public final class PrivateFolder {

    /** With less space Kafka, PostgreSQL and the stores would fail one after the other, each in its own words. */
    private static final long LEAST_SPACE = 64L * 1024 * 1024;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** Names that may stand in a folder of Millrace, and in the root of a new disk. */
    private static final Set<String> OWN = Set.of("kafka", "postgres", "streams", "lost+found");

    private PrivateFolder() {}

    /**
     * Makes the folder if there is none, and closes it to others if it is open. A folder that other people may use as
     * well is not closed.
     *
     * @throws EmbeddedStartException if the folder cannot be made, read and written, if it is open to others and holds
     *     what is not Millrace's, or if its disk is full
     */
    public static void prepare(Path folder) {
        try {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            try {
                Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(folder)) {
                    throw new EmbeddedStartException("expected " + folder + " to be a folder, but it is a file;"
                            + " choose another data folder");
                }
            }
            if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
                if (!isOwn(folder)) {
                    throw new EmbeddedStartException(
                            "expected the data folder " + folder + " to be empty, Millrace's own or"
                                    + " closed to other users, but others may use it and it holds other things; choose another folder");
                }
                Files.setPosixFilePermissions(folder, OWNER_ONLY);
            }
            if (!Files.isReadable(folder) || !Files.isWritable(folder)) {
                throw new EmbeddedStartException("expected to read and write the data folder " + folder
                        + ", but may not; give it to the user that runs Millrace, or choose another folder");
            }
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < LEAST_SPACE) {
                throw new EmbeddedStartException("expected at least " + LEAST_SPACE / (1024 * 1024)
                        + " MB of free space on the disk of the data folder " + folder + ", but there are "
                        + free / (1024 * 1024) + " MB; make room, or choose another folder");
            }
        } catch (FileSystemException e) {
            throw new EmbeddedStartException(
                    "expected to make and use the data folder " + folder + ", but: " + FailureText.of(e)
                            + "; give it to the user that runs Millrace, or choose another folder",
                    e);
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to make and use the data folder " + folder + ", but: " + FailureText.of(e), e);
        }
    }

    private static boolean isOwn(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<String> names =
                    entries.map(each -> each.getFileName().toString()).toList();
            return names.contains(FolderLock.FILE) || OWN.containsAll(names);
        }
    }
}
