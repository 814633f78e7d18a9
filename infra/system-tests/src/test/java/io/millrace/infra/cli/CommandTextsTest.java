package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.ClientCommands;
import io.millrace.infra.client.command.Invocation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is said of each command where all are listed: the first part of its description, and no more. */
class CommandTextsTest {

    @Test
    void theTextOfEachCommandInAListIsAWholeSentence() {
        CommandLine all = Main.ofThisClassPath();
        ClientCommands.addTo(all, Invocation.ofProcess());
        List<String> broken = new ArrayList<>();

        int seen = look(all, broken);

        assertTrue(seen > 90, () -> "expected all commands, but found " + seen);
        assertEquals(List.of(), broken);
    }

    private static int look(CommandLine line, List<String> broken) {
        String[] description = line.getCommandSpec().usageMessage().description();
        if (description.length == 0 || !description[0].endsWith(".")) {
            broken.add(line.getCommandSpec().qualifiedName());
        }
        int seen = 1;
        for (CommandLine inner : line.getSubcommands().values()) {
            seen += look(inner, broken);
        }
        return seen;
    }
}
