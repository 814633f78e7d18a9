package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.ClientCommands;
import io.millrace.infra.client.command.Invocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What people copy is there: each command that a page shows, and each of its options. */
class DocumentedCommandsTest {

    private static final Path ROOT = Path.of("..", "..");

    /** A command in a block or between backticks, until its end or whatever the shell has it end with. */
    private static final Pattern SHOWN = Pattern.compile(
            "(?:(?m:^ {4,}(?:[A-Z_]+=\\S+ )*(?:\\./|bin/)?|`(?:\\./|bin/)?|\\$\\((?:\\./)?))millrace ([a-z][^`#;|>)\\n]*)");

    /** Of the launcher of the sources, and those that every command line has. */
    private static final Set<String> ELSEWHERE = Set.of("build", "class-path", "jdk", "help", "completion");

    private static final Pattern NAME = Pattern.compile("@Command\\(\\s*name = \"([a-z-]+)\"");

    @Test
    void eachCommandOfAPageIsThereWithItsOptions() throws IOException {
        CommandLine all = Main.ofThisClassPath();
        ClientCommands.addTo(all, Invocation.ofProcess());
        List<String> wrong = new ArrayList<>();
        Set<String> elsewhere = ofOtherModules();
        int seen = 0;
        for (Path page : pages()) {
            for (String shown : SHOWN.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .toList()) {
                seen++;
                String why = lacking(all, elsewhere, words(shown));
                if (!why.isEmpty()) {
                    wrong.add(ROOT.relativize(page) + ": millrace " + shown + ": " + why);
                }
            }
        }
        int found = seen;
        assertTrue(found > 100, () -> "expected the pages to show commands, but found " + found);
        assertEquals(List.of(), wrong);
    }

    /** @return its words; what stands in quotes is a value, whatever it looks like */
    private static String[] words(String shown) {
        return shown.replaceAll("'[^']*'|\"[^\"]*\"", "…").strip().split("\\s+");
    }

    /** Commands of modules that are not in production, which are found as services. */
    private static Set<String> ofOtherModules() throws IOException {
        Set<String> names = new TreeSet<>(ELSEWHERE);
        try (Stream<Path> sources = Files.walk(ROOT.resolve("infra"))) {
            for (Path source : sources.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList()) {
                String text = Files.readString(source);
                if (text.contains("implements FurtherCommand")) {
                    NAME.matcher(text).results().forEach(name -> names.add(name.group(1)));
                }
            }
        }
        assertTrue(names.containsAll(Set.of("dev", "demo", "bench")), names::toString);
        return names;
    }

    /** @return what of it is not there, empty if all is */
    private static String lacking(CommandLine all, Set<String> elsewhere, String[] words) {
        if (elsewhere.contains(words[0])) {
            return "";
        }
        CommandLine command = all;
        for (String word : words) {
            if (word.startsWith("-")) {
                String option = word.replaceAll("[=,.…].*", "");
                if (command.getCommandSpec().findOption(option) == null) {
                    return "no option " + option;
                }
            } else if (command.getSubcommands().containsKey(word)) {
                command = command.getSubcommands().get(word);
            } else if (command == all) {
                return "no command " + word;
            }
        }
        return "";
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
                Stream<Path> deploy = Files.walk(ROOT.resolve("infra/deploy/src"))) {
            return Stream.of(Stream.of(ROOT.resolve("README.md"), ROOT.resolve("SECURITY.md")), docs, deploy)
                    .flatMap(Function.identity())
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }
}
