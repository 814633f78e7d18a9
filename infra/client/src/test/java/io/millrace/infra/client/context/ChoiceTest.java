package io.millrace.infra.client.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.api.TargetTls;
import io.millrace.infra.client.context.Choice.Said;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceTest {

    private static final Target MINE = new Target("mine", URI.create("https://mine.example"), "acme", "sk-mine");
    private static final Target DEV = new Target("dev", URI.create("http://127.0.0.1:8123"), "dev", "sk-dev");
    private static final Said NOTHING = said("", "", "", "");

    private static Said said(String context, String url, String organisation, String token) {
        return new Said(context, url, organisation, token, TargetTls.USUAL);
    }

    @TempDir
    private Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private Path file;

    @BeforeEach
    void placeTheFile() {
        environment.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
        file = folder.resolve("config/millrace/contexts.json");
    }

    @Test
    void theFileIsForItsOwnerOnly() throws IOException {
        contexts().set(MINE);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    }

    @Test
    void aFileThatOthersMayReadIsRefused() throws IOException {
        contexts().set(MINE);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        ClientException refusal = assertThrows(ClientException.class, () -> choose(NOTHING));

        assertTrue(
                refusal.getMessage().endsWith("its rights are rw-r-----; `chmod 600 " + file + "` mends that"),
                refusal.getMessage());
        assertFalse(refusal.getMessage().contains("sk-mine"));
    }

    @Test
    void theFirstContextIsInUseUntilAnotherIsOrItIsDeleted() {
        contexts().set(MINE);
        contexts().set(new Target("other", URI.create("http://other"), "acme", ""));
        assertEquals(MINE, choose(NOTHING).target());

        contexts().use("other");
        assertEquals("other", choose(NOTHING).target().name());

        contexts().delete("other");
        assertEquals("", contexts().current());
    }

    @Test
    void theDevelopmentServerWhoseDataIsNearIsFoundWhereNoneIsInUse() throws IOException {
        Path data = Files.createDirectory(folder.resolve(".millrace"));
        Path below = Files.createDirectories(folder.resolve("a/b"));
        DevContext.write(data, DEV);

        assertEquals(new Choice(DEV, Optional.of(data)), Choice.of(NOTHING, environment, below));
        assertEquals(DEV, Choice.of(said("dev", "", "", ""), environment, below).target());
        assertEquals(
                DEV,
                Choice.of(said("../../.millrace", "", "", ""), environment, below)
                        .target());

        contexts().set(MINE);
        assertEquals(MINE, Choice.of(NOTHING, environment, below).target());
        assertEquals(DEV, Choice.of(said("dev", "", "", ""), environment, below).target());
    }

    @Test
    void aKeyIsShownToNoOtherServerThanItsOwn() {
        contexts().set(MINE);

        Target other = choose(said("", "http://other", "acme", "")).target();

        assertEquals(new Target("no context", URI.create("http://other"), "acme", ""), other);
    }

    @Test
    void whatIsSaidGoesBeforeTheContextThatIsNamed() {
        contexts().set(MINE);

        Target changed = choose(said("mine", "", "org2", "sk-2")).target();

        assertEquals(new Target("mine", MINE.url(), "org2", "sk-2"), changed);
    }

    @Test
    void variablesNameAServerToo() {
        contexts().set(MINE);
        environment.put("MILLRACE_URL", "http://ci:8000/");
        environment.put("MILLRACE_ORG", "ci");
        environment.put("MILLRACE_TOKEN", "sk-ci");

        assertEquals(
                new Target("no context", URI.create("http://ci:8000/"), "ci", "sk-ci"),
                choose(NOTHING).target());

        environment.put("MILLRACE_CONTEXT", "mine");
        assertEquals(MINE, choose(NOTHING).target());
    }

    @Test
    void whereThereIsNoneTheTextSaysHowToGetOne() {
        assertRefused(
                NOTHING,
                ExitCode.UNREACHABLE,
                "start one by `millrace dev`, name the folder of one by `--context FOLDER/`, or another one by `millrace context set"
                        + " NAME --url … --org …`");
        assertRefused(said("nosuch", "", "", ""), ExitCode.USAGE, "`millrace context list` shows all");
        assertRefused(said("", "ftp://x", "acme", ""), ExitCode.USAGE, "but got 'ftp://x'");
        assertRefused(said("", "http://x:65536", "acme", ""), ExitCode.USAGE, "but got 'http://x:65536'");
        assertRefused(said("", "http://x", "", ""), ExitCode.USAGE, "name it by --org");
        assertRefused(
                said("", "http://x", "acme", "sk\n"),
                ExitCode.USAGE,
                "but there is the end of a line or the like in it");
    }

    private void assertRefused(Said said, int exitCode, String end) {
        ClientException refusal = assertThrows(ClientException.class, () -> choose(said));
        assertEquals(exitCode, refusal.exitCode());
        assertTrue(refusal.getMessage().endsWith(end), refusal.getMessage());
    }

    private Contexts contexts() {
        return Contexts.of(environment);
    }

    private Choice choose(Said said) {
        return Choice.of(said, environment, folder);
    }
}
