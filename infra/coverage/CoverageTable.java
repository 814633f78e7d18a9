import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints how much of each module's code the tests ran through, as a table in Markdown. */
final class CoverageTable {

    private CoverageTable() {}

    /** Lines and branches of some code, and how many of them no test ran through. */
    private static final class Count {
        private long lines;
        private long linesMissed;
        private long branches;
        private long branchesMissed;

        private void add(Map<String, String> row) {
            linesMissed += Long.parseLong(row.get("LINE_MISSED"));
            lines += Long.parseLong(row.get("LINE_MISSED")) + Long.parseLong(row.get("LINE_COVERED"));
            branchesMissed += Long.parseLong(row.get("BRANCH_MISSED"));
            branches += Long.parseLong(row.get("BRANCH_MISSED")) + Long.parseLong(row.get("BRANCH_COVERED"));
        }

        private void print(String name) {
            System.out.printf(
                    "| %-22s | %6d | %7s | %8d | %7s |%n",
                    name, lines, share(lines, linesMissed), branches, share(branches, branchesMissed));
        }

        private static String share(long all, long missed) {
            return all == 0 ? "–" : "%.1f %%".formatted(100.0 * (all - missed) / all);
        }
    }

    /**
     * @param args the report of JaCoCo as CSV
     * @throws IOException if the report cannot be read
     */
    public static void main(String[] args) throws IOException {
        List<String> rows = Files.readAllLines(Path.of(args[0]));
        List<String> titles = List.of(rows.getFirst().split(","));
        Map<String, Count> modules = new LinkedHashMap<>();
        Count all = new Count();
        for (String row : rows.subList(1, rows.size())) {
            Map<String, String> fields = new LinkedHashMap<>();
            String[] values = row.split(",");
            for (int i = 0; i < values.length; i++) {
                fields.put(titles.get(i), values[i]);
            }
            String module = fields.get("GROUP").replaceFirst(".*/", "");
            modules.computeIfAbsent(module, name -> new Count()).add(fields);
            all.add(fields);
        }
        if (all.lines == all.linesMissed) {
            throw new IllegalStateException("expected tests to have run, but " + args[0] + " tells of none");
        }
        System.out.printf("| %-22s | %6s | %7s | %8s | %7s |%n", "module", "lines", "run", "branches", "taken");
        System.out.println("|---|---:|---:|---:|---:|");
        modules.forEach((name, count) -> count.print(name));
        all.print("all");
    }
}
