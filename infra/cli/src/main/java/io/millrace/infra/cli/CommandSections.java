package io.millrace.infra.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/** Lists the commands by what they are for, so that somebody new finds the few that they want. Stateless. */
final class CommandSections implements IHelpSectionRenderer {

    /** A heading, and the commands below it. */
    private record Section(String heading, List<String> commands) {}

    private static final List<Section> SECTIONS = List.of(
            new Section("Try it out, on this machine alone:", List.of("dev", "demo", "bench", "torture")),
            new Section(
                    "Ask a server, and steer it:",
                    List.of(
                            "status",
                            "workflow",
                            "task",
                            "schedule",
                            "promise",
                            "queue",
                            "kind",
                            "worker",
                            "dead-letters",
                            "bulk",
                            "query",
                            "key",
                            "erase",
                            "context")),
            new Section("Run nodes:", List.of("server", "topics", "doctor", "rebuild-read-model")),
            new Section(
                    "Look at the log and prove it, straight from Kafka or from a file:",
                    List.of("history", "why", "replay", "import", "verify", "audit", "witness")));

    /** What stands in no section comes last, so that no command is left out. */
    @Override
    public String render(Help help) {
        Map<String, Help> left = new LinkedHashMap<>(help.subcommands());
        StringBuilder text = new StringBuilder();
        for (Section section : SECTIONS) {
            Map<String, Help> own = new LinkedHashMap<>();
            section.commands().stream().filter(left::containsKey).forEach(name -> own.put(name, left.remove(name)));
            add(text, section.heading(), own, help);
        }
        add(text, "Besides:", left, help);
        return text.toString();
    }

    private static void add(StringBuilder text, String heading, Map<String, Help> commands, Help help) {
        if (!commands.isEmpty()) {
            text.append(String.format("%n%s%n", heading)).append(help.commandList(commands));
        }
    }
}
