package io.millrace.infra.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds docs/configuration.md to the code. */
class ConfigurationReferenceTest {

    private static final Path REFERENCE = Path.of("..", "..", "docs", "configuration.md");

    @Test
    void theReferenceListsEverySettingAsTheCodeHasIt() throws IOException {
        List<String> documented = Files.readAllLines(REFERENCE).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertEquals(
                String.join(
                        "\n",
                        Settings.all().stream()
                                .map(ConfigurationReferenceTest::row)
                                .toList()),
                String.join("\n", documented));
    }

    private static <T> String row(Setting<T> setting) {
        String fallback = setting.fallback()
                .map(value -> "`" + setting.type().shower().apply(value) + "`")
                .orElse("");
        String variables = "`" + setting.variable() + "`"
                + setting.alias().map(alias -> ", `" + alias + "`").orElse("");
        return "| `" + setting.key() + "` | " + setting.type().name() + " | " + fallback + " | " + variables + " | "
                + setting.meaning() + " |";
    }
}
