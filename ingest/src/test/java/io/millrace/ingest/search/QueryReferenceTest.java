package io.millrace.ingest.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the reference of queries against their fields. */
class QueryReferenceTest {

    private static final Path PAGE = Path.of("..", "docs", "reference", "queries.md");

    @Test
    void theReferenceNamesEveryFieldAsItIs() throws IOException {
        List<String> expected = new ArrayList<>();
        for (Subject subject : Subject.values()) {
            expected.add("## Fields of " + subject.title());
            for (Field field : subject.fields()) {
                String type =
                        field.type() + (field.mayLack() ? ", may lack" : "") + (field.sortable() ? ", sorts" : "");
                expected.add("| `" + field.name() + "` | " + type + " | " + field.about() + " |");
            }
        }
        List<String> described = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("## Fields of ") || line.startsWith("| `") && line.contains("` | "))
                .filter(line -> line.startsWith("## ") || line.split("\\|")[2].matches(" [A-Z]+(, .*)? "))
                .toList();

        assertEquals(expected, described);
    }
}
