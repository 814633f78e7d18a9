package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder that nobody but its owner can look into, whatever lies in it. */
public final class PrivateFolder {

    /** Less than this and Kafka, PostgreSQL and the stores fail one after the other, each in its own words. */
    private static final long LEAST_SPACE = 64L * 1024 * 1024;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateFolder() {}

    /**
     * Makes the folder if there is none, and closes it to others if it is open.
     *
     * @throws EmbeddedStartException if it cannot be made, read and written, or its disk is full
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
            throw new EmbeddedStartException("expected to make and use the data folder " + folder + ", but: "
                    + Failures.text(e) + "; give it to the user that runs Millrace, or choose another folder", e);
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to make and use the data folder " + folder + ", but: " + Failures.text(e), e);
        }
    }
}
