package io.millrace.ingest.audit.witness;

import io.millrace.ingest.audit.keys.KeyException;
import io.millrace.ingest.audit.tlog.Checkpoint;
import io.millrace.ingest.audit.tlog.SignedNote;
import io.millrace.ingest.audit.tlog.TlogException;
import io.millrace.proto.proof.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The newest checkpoint of each log that the witness has signed, a file for each, in a folder that is its alone. A file is replaced as a
 * whole, and is on the disk before the method returns. Callers see to it that one thread at a time has a log.
 */
final class WitnessStore implements AutoCloseable {

    private final Path folder;
    private final FileChannel lockFile;

    /** @throws KeyException if the folder cannot be used, or another witness uses it */
    WitnessStore(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            lockFile = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lockFile.tryLock();
            if (lock == null) {
                throw new OverlappingFileLockException();
            }
        } catch (OverlappingFileLockException e) {
            throw new KeyException("expected " + folder + " to be this witness's alone, but another one uses it", e);
        } catch (IOException e) {
            throw new KeyException(
                    "expected to keep checkpoints in " + folder + ", but could not: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the newest checkpoint of the log that was stored.
     *
     * @throws UncheckedIOException if it cannot be read, or is damaged: to begin anew without it would forget what was signed
     */
    Optional<Checkpoint> read(String origin) {
        Path file = file(origin);
        try {
            return Files.exists(file)
                    ? Optional.of(Checkpoint.parse(
                            SignedNote.parse(Files.readString(file)).text()))
                    : Optional.empty();
        } catch (TlogException | CharacterCodingException damaged) {
            throw new UncheckedIOException(
                    "the checkpoint of " + origin + " in " + file + " is damaged: put back the file from a copy,"
                            + " or begin with an empty folder and another name of the witness",
                    new IOException(damaged));
        } catch (IOException e) {
            throw new UncheckedIOException("expected to read the checkpoint of " + origin + ", but could not", e);
        }
    }

    /** Stores a checkpoint in the place of the one before. */
    void write(String origin, SignedNote note) {
        Path file = file(origin);
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (FileChannel out = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(note.toString().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
                entries.force(true); // The new name has to be on the disk too.
            }
        } catch (IOException e) {
            throw new UncheckedIOException("expected to store the checkpoint of " + origin + ", but could not", e);
        }
    }

    /** Origins are any texts, so files are named by their hashes. */
    private Path file(String origin) {
        byte[] hash = Sha256.digest().digest(origin.getBytes(StandardCharsets.UTF_8));
        return folder.resolve(HexFormat.of().formatHex(hash) + ".checkpoint");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
