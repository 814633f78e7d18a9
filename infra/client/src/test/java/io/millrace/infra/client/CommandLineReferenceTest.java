package io.millrace.infra.client;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Holds docs/command-line.md against the commands, both ways. */
class CommandLineReferenceTest {

    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])(--[a-z][a-z-]+)");
    /** Those that all commands have, or all that ask a server: they stand once, in front. */
    private static final Set<String> COMMON = Set.of(
            "--help",
            "--context",
            "--url",
            "--org",
            "--token",
            "--output",
            "--ca-file",
            "--certificate-file",
            "--key-file");

    /** A command of this module, until the end of the line, a comment, or whatever else the shell has it end with. */
    private static final Pattern SHOWN = Pattern.compile(
            "\\./millrace ((?:workflow|task|schedule|bulk|dead-letters|query|worker|queue|kind|promise|key|audit list|audit proof|status|context|version)\\b[^#;)|`…\n]*)");

    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|[^'\\s])+");

    private final Map<String, String> sections = sections();

    @Test
    void eachCommandHasASectionWithItsOptionsAndThereIsNoOther() {
        Map<String, Set<String>> there = new LinkedHashMap<>();
        CommandLine root = new CommandLine(new ClientMain());
        ClientCommands.addTo(root, Invocation.ofProcess());
        root.getSubcommands().forEach((name, line) -> collect(there, name, line));

        Map<String, Set<String>> described = new LinkedHashMap<>();
        sections.forEach((title, text) -> {
            if (!title.startsWith("#")) {
                described.put(title, options(text));
            }
        });

        assertEquals(asText(there), asText(described));
    }

    @Test
    void eachExitCodeIsDescribed() throws IllegalAccessException {
        String table = sections.get("# Exit codes");
        for (Field code : ExitCode.class.getDeclaredFields()) {
            assertTrue(table.contains("| " + code.getInt(null) + " |"), () -> "expected a line for " + code.getName());
        }
    }

    @Test
    void theOptionsOfAllCommandsStandInFront() {
        String front = sections.get("# Which server is asked") + sections.get("# What is printed");
        assertEquals(COMMON, COMMON.stream().filter(front::contains).collect(Collectors.toSet()));
    }

    /** What people copy works: each command that a page shows can be called so. */
    @Test
    void eachCommandThatAPageShowsCanBeCalled() {
        List<String> shown = Stream.of("README.md", "docs/command-line.md", "docs/workers.md")
                .flatMap(page -> SHOWN.matcher(text(page)).results())
                .map(found -> found.group(1))
                .toList();
        assertTrue(shown.size() > 15, () -> "expected the pages to show commands, but they show " + shown);
        for (String command : shown) {
            CommandLine root = new CommandLine(new ClientMain());
            ClientCommands.addTo(root, Invocation.ofProcess());
            String[] words = WORD.matcher(command)
                    .results()
                    .map(word -> word.group()
                            .replace("'", "")
                            .replaceAll("\\$id|EXECUTION", UUID.randomUUID().toString()))
                    .toArray(String[]::new);
            assertDoesNotThrow(() -> root.parseArgs(words), command);
        }
    }

    private static void collect(Map<String, Set<String>> there, String name, CommandLine line) {
        if (line.getSubcommands().isEmpty()) {
            CommandSpec spec = line.getCommandSpec();
            Set<String> options = new TreeSet<>();
            spec.options().forEach(option -> options.add(option.longestName()));
            options.removeAll(COMMON);
            there.put(name, options);
        }
        line.getSubcommands().forEach((inner, command) -> collect(there, name + " " + inner, command));
    }

    private static Set<String> options(String text) {
        Set<String> options = OPTION.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        options.removeAll(COMMON);
        return options;
    }

    private static String asText(Map<String, Set<String>> commands) {
        return commands.entrySet().stream()
                .map(command -> command.getKey() + ": " + String.join(" ", command.getValue()))
                .collect(Collectors.joining("\n"));
    }

    /** @return the texts by their titles: those of commands without, others with a hash */
    private static Map<String, String> sections() {
        Map<String, StringBuilder> sections = new LinkedHashMap<>();
        StringBuilder current = new StringBuilder();
        for (String line : text().split("\n")) {
            if (line.startsWith("### `")) {
                current = sections.computeIfAbsent(
                        line.substring(5, line.lastIndexOf('`')), title -> new StringBuilder());
            } else if (line.startsWith("## ")) {
                current = sections.computeIfAbsent(line.substring(1), title -> new StringBuilder());
            } else {
                current.append(line).append('\n');
            }
        }
        return sections.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().toString(), (a, b) -> a, LinkedHashMap::new));
    }

    private static String text() {
        return text("docs/command-line.md");
    }

    private static String text(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path page = folder.resolve(name);
            if (Files.exists(folder.resolve("docs/command-line.md"))) {
                try {
                    return Files.readString(page);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
        throw new AssertionError("expected docs/command-line.md in a folder above, but there is none");
    }
}
