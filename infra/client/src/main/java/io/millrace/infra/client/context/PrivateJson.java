package io.millrace.infra.client.context;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonException;
import io.millrace.infra.client.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Files with keys: JSON that only their owner may read. A file that others may read or write is refused. */
final class PrivateJson {

    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");
    private static final FileAttribute<?> OWNERS_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private PrivateJson() {}

    /**
     * @return what stands in the file; empty if there is none
     * @throws ClientException if others may read it, or it is not JSON
     */
    static Optional<JsonObject> read(Path file) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
            if (rights.stream().anyMatch(right -> !right.name().startsWith("OWNER_"))) {
                throw new ClientException(
                        ExitCode.FAILED,
                        "expected " + file + " to be for its owner only, since it holds keys, but its rights are "
                                + PosixFilePermissions.toString(rights) + "; `chmod 600 " + file + "` mends that");
            }
            return Optional.of(JsonObject.of(JsonCodec.parse(Files.readAllBytes(file))));
        } catch (JsonException e) {
            throw new ClientException(ExitCode.FAILED, "expected JSON in " + file + ", but " + e.getMessage());
        } catch (IOException e) {
            throw new ClientException(ExitCode.FAILED, "expected to read " + file + ", but could not: " + e);
        }
    }

    /**
     * Writes the file anew, and makes its folder if there is none. A reader sees the old file or the new one, never a
     * mixture.
     */
    static void write(Path file, Map<String, Object> content) {
        try {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "folder of a file");
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, OWNERS_FOLDER);
            }
            Path beside = Files.createTempFile(
                    folder, file.getFileName().toString(), ".new", PosixFilePermissions.asFileAttribute(OWNERS));
            Files.writeString(beside, JsonCodec.pretty(content) + "\n");
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ClientException(ExitCode.FAILED, "expected to write " + file + ", but could not: " + e);
        }
    }
}
