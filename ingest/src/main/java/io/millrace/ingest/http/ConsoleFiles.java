package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the console, if it is on the class path: the page at {@code /}, and what belongs to it below {@code /console/}. Each
 * of the latter has the hash of what is in it in its name, so browsers keep it for ever; the page is asked for each time. Nothing
 * else than these files, and nothing of other hosts, may run or be loaded in the page. Immutable, safe from any thread.
 */
final class ConsoleFiles {

    private static final String FOLDER = "/META-INF/millrace-console/";
    private static final String BELOW = "/console/";
    private static final String PAGE = "index.html";

    /** Scripts and styles come from here, nothing is written into the page as HTML, and no other page may show it in a frame. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8");

    private final Map<String, File> files;

    /** A file as it is, and compressed. */
    private record File(String type, String tag, ByteString plain, ByteString compressed) {}

    private ConsoleFiles(Map<String, File> files) {
        this.files = files;
    }

    /**
     * @return the files; none if the console is not on the class path
     * @throws UncheckedIOException if some are there and others are not
     */
    static ConsoleFiles load() {
        Map<String, File> files = new HashMap<>();
        try (InputStream list = ConsoleFiles.class.getResourceAsStream(FOLDER + "files.txt")) {
            if (list != null) {
                for (String name : new String(list.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                    files.put(name, read(name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "expected the files of the console among the resources, but could not read them", e);
        }
        return new ConsoleFiles(Map.copyOf(files));
    }

    private static File read(String name) throws IOException {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream(FOLDER + name)) {
            String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
            if (in == null || type == null) {
                throw new IOException("expected a file of the console of a known type, but " + name + " is none");
            }
            byte[] plain = in.readAllBytes();
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(plain));
            return new File(type, '"' + hash.substring(0, 32) + '"', ByteString.copyFrom(plain), compressed(plain));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("expected SHA-256, but this Java has none", e);
        }
    }

    private static ByteString compressed(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return ByteString.copyFrom(out.toByteArray());
    }

    /**
     * @param path as it came
     * @param encodings what the client takes, as its header says, or null
     * @param known what the client has, as its header says, or null
     * @return the file, or empty if the path is none of the console's
     */
    Optional<HttpReply> answer(String path, @Nullable String encodings, @Nullable String known) {
        boolean page = path.equals("/");
        String name = page ? PAGE : path.startsWith(BELOW) ? path.substring(BELOW.length()) : "";
        File file = page || !name.equals(PAGE) ? files.get(name) : null;
        if (file == null) {
            return Optional.empty();
        }
        Map<String, String> headers = new HashMap<>();
        headers.put("Cache-Control", page ? "no-cache" : "public, max-age=31536000, immutable");
        headers.put("ETag", file.tag());
        headers.put("Vary", "Accept-Encoding");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Content-Security-Policy", POLICY);
        if (known != null && known.contains(file.tag())) {
            return Optional.of(new HttpReply(304, file.type(), ByteString.EMPTY, null, headers));
        }
        boolean compress =
                encodings != null && encodings.matches("(?i).*\\bgzip\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$)).*");
        if (compress) {
            headers.put("Content-Encoding", "gzip");
        }
        return Optional.of(new HttpReply(200, file.type(), compress ? file.compressed() : file.plain(), null, headers));
    }
}
