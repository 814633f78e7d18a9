package io.millrace.infra.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandKeysTest {

    @TempDir
    private Path folder;

    @Test
    void commandsBesideAServerMakeNoKeyThatItDoesNotKnow() {
        EmbeddedStartException none = assertThrows(EmbeddedStartException.class, () -> CommandKeys.of(folder));

        assertTrue(none.getMessage().contains("--set commands.mac.key_file=FILE"), none::getMessage);
        assertFalse(Files.exists(folder.resolve(CommandKeys.FILE)));
    }

    @Test
    void commandsBesideAServerUseTheKeyThatItHasMade() {
        Path made = CommandKeys.in(folder);

        assertEquals(made, CommandKeys.of(folder));
    }
}
